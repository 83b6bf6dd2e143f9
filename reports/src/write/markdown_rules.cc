// SPDX-License-Identifier: GPL-2.0-only
// The claims, after the validity and before the figures they rest on.
#include <fmt/ranges.h>

#include "kairo/reports/format.h"
#include "write/markdown_parts.h"

namespace kairo::reports {
namespace {

// `1,352 µs ≤ 0.600 × bfq's 9,355 µs (0.145 ×)`
std::string measured_text(const BoundResult& result) {
  const auto unit = metric_of(result.bound.metric).unit;
  const auto show = [&](const std::optional<double>& value, bool at_least) {
    return value ? fmt::format("{}{}", at_least_mark(at_least), format_with_unit(*value, unit))
                 : std::string(kNotAvailable);
  };
  std::string out = metric_title(result.bound.metric);
  if (!result.bound.phase.empty()) out += fmt::format(" in {}", result.bound.phase);
  out += fmt::format(" {}, bound {} ", show(result.value, result.value_at_least),
                     result.bound.at_most ? "≤" : "≥");
  if (result.bound.of.empty()) return out + format_with_unit(result.bound.value, unit);
  out += fmt::format("{} × ", format_number(result.bound.value));
  if (!result.against) return out + "n/a";
  out += fmt::format("{}'s {}", result.against_arm, show(result.against, result.against_at_least));
  if (result.value && *result.against > 0 && !result.value_at_least && !result.against_at_least)
    out += fmt::format(" (is {} ×)", format_number(*result.value / *result.against));
  return out;
}

std::string rule_text(const RuleResult& rule) {
  std::string out = bullet(fmt::format(
      "**{}** {}: {}: {} {}", rule_verdict_text(rule.verdict), rule.load, plain(rule.rule.text),
      rule.rule.arm, rule.note.empty() ? measured_text(rule.bound) : "— " + rule.note));
  for (const BoundResult& bound : rule.where)
    out += bullet(
        (bound.verdict == RuleVerdict::kPass ? "and " : "**but** ") + measured_text(bound), 1);
  if (!rule.set_aside.empty())
    out += bullet(fmt::format("set aside, because they do not keep that: {}",
                              fmt::join(rule.set_aside, ", ")),
                  1);
  return out;
}

}  // namespace

std::string rules_section(const Report& report) {
  std::string out;
  for (const LoadReport& load : report.loads)
    for (const RuleResult& rule : load.rules) out += rule_text(rule);
  return out.empty() ? out : "\n**Claims**\n\n" + out;
}

}  // namespace kairo::reports
