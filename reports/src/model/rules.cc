// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/rule.h"

#include <algorithm>

#include "kairo/reports/format.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

// What a bound is about, as measured in one arm.
ShownValue measure(const ArmSummary& arm, const Bound& bound) {
  const MetricName name = metric_of(bound.metric);
  if (bound.phase.empty()) return shown_value(arm, name);
  for (const PhaseSummary& phase : arm.phases) {
    if (phase.phase.name == bound.phase) return shown_value(phase.classes, name);
  }
  return {};
}

class Judge {
 public:
  explicit Judge(const LoadReport& load) : load_(load) {}

  RuleResult judge(const Rule& rule) {
    RuleResult out;
    out.rule = rule;
    out.load = load_.load.name;
    const ArmSummary* const arm = load_.find(rule.arm);
    out.bound.bound = rule.bound;
    if (arm == nullptr) {
      out.note = fmt::format("arm {} was not run", rule.arm);
      return out;
    }
    for (const Bound& bound : rule.where) out.where.push_back(check(*arm, bound, peers(bound)));
    std::vector<const ArmSummary*> candidates = peers(rule.bound);
    std::erase_if(candidates, [&](const ArmSummary* peer) {
      // The arm itself is no peer of its own, and one that buys its figure does not count.
      if (peer == arm) return true;
      if (keeps(*peer, rule.where)) return false;
      out.set_aside.push_back(peer->arm.name);
      return true;
    });
    out.bound = check(*arm, rule.bound, candidates);
    out.verdict = out.bound.verdict;
    for (const BoundResult& bound : out.where) {
      // A miss is a miss whatever else is unknown.
      if (bound.verdict == RuleVerdict::kMiss || out.verdict == RuleVerdict::kMiss)
        out.verdict = RuleVerdict::kMiss;
      else if (bound.verdict == RuleVerdict::kNoData)
        out.verdict = RuleVerdict::kNoData;
    }
    if (out.verdict == RuleVerdict::kNoData) out.note = missing(out, candidates.empty());
    return out;
  }

 private:
  // The arms a bound names; empty when none of them was run or it names none.
  [[nodiscard]] std::vector<const ArmSummary*> peers(const Bound& bound) const {
    std::vector<const ArmSummary*> out;
    for (const ArmSummary& arm : load_.arms) {
      const bool named =
          std::any_of(bound.of.begin(), bound.of.end(), [&](const std::string& name) {
            return name == arm.arm.name || (name == kBestStock && is_stock(arm.arm));
          });
      if (named) out.push_back(&arm);
    }
    return out;
  }

  // The best of the peers: the lowest for a bound from above, the highest for one from below.
  static BoundResult check(const ArmSummary& arm, const Bound& bound,
                           const std::vector<const ArmSummary*>& peers) {
    BoundResult out;
    out.bound = bound;
    const ShownValue own = measure(arm, bound);
    out.value = own.value;
    out.value_at_least = own.at_least;
    for (const ArmSummary* peer : peers) {
      const ShownValue other = measure(*peer, bound);
      if (!other.value) continue;
      if (out.against &&
          (bound.at_most ? *other.value >= *out.against : *other.value <= *out.against))
        continue;
      out.against = other.value;
      out.against_at_least = other.at_least;
      out.against_arm = peer->arm.name;
    }
    if (!out.value || (!bound.of.empty() && !out.against)) return out;
    const double limit = bound.value * out.against.value_or(1);
    const bool kept = bound.at_most ? *out.value <= limit : *out.value >= limit;
    // A value without an end can still be above the limit, a limit without one above the value.
    const bool open = kept == bound.at_most ? out.value_at_least : out.against_at_least;
    if (!open) out.verdict = kept ? RuleVerdict::kPass : RuleVerdict::kMiss;
    return out;
  }

  [[nodiscard]] bool keeps(const ArmSummary& arm, const std::vector<Bound>& where) const {
    return std::all_of(where.begin(), where.end(), [&](const Bound& bound) {
      return check(arm, bound, peers(bound)).verdict == RuleVerdict::kPass;
    });
  }

  static std::string missing(const RuleResult& result, bool no_peer) {
    if (!result.bound.value)
      return fmt::format("{} of {} was not measured", result.rule.bound.metric, result.rule.arm);
    if (!result.rule.bound.of.empty() && !result.bound.against)
      return no_peer
                 ? "no arm to measure against was run and kept the conditions"
                 : fmt::format("{} of the other arms was not measured", result.rule.bound.metric);
    if (result.bound.verdict == RuleVerdict::kNoData)
      return fmt::format("{} lies beyond fio's last bin", result.rule.bound.metric);
    return "a condition was not measured";
  }

  const LoadReport& load_;
};

bool concerns(const Rule& rule, const LoadReport& load) {
  return rule.loads.empty() ||
         std::find(rule.loads.begin(), rule.loads.end(), load.load.name) != rule.loads.end();
}

}  // namespace

std::string_view rule_verdict_text(RuleVerdict verdict) {
  switch (verdict) {
    case RuleVerdict::kPass:
      return "PASS";
    case RuleVerdict::kMiss:
      return "MISS";
    case RuleVerdict::kNoData:
      break;
  }
  return "NO DATA";
}

bool is_stock(const Arm& arm) {
  static constexpr std::string_view kStock[] = {"none", "mq-deadline", "kyber", "bfq"};
  if (std::find(std::begin(kStock), std::end(kStock), arm.scheduler) == std::end(kStock))
    return false;
  return std::none_of(arm.tunables.begin(), arm.tunables.end(),
                      [](const auto& setting) { return setting.first.starts_with("kv_"); });
}

std::string bound_text(const Bound& bound) {
  std::string out = metric_title(bound.metric);
  if (!bound.phase.empty()) out += fmt::format(" in {}", bound.phase);
  out += bound.at_most ? " ≤ " : " ≥ ";
  if (bound.of.empty()) return out + format_with_unit(bound.value, metric_of(bound.metric).unit);
  out += fmt::format("{} × ", format_number(bound.value));
  for (std::size_t i = 0; i < bound.of.size(); ++i) out += (i == 0 ? "" : ", ") + bound.of[i];
  return out;
}

std::vector<RuleResult> evaluate_rules(const std::vector<Rule>& rules, const LoadReport& load) {
  Judge judge(load);
  std::vector<RuleResult> out;
  for (const Rule& rule : rules) {
    if (concerns(rule, load)) out.push_back(judge.judge(rule));
  }
  return out;
}

std::string gate_objection(const Report& report) {
  const Validity validity = overall(report.reasons);
  for (const Reason& reason : report.reasons)
    if (validity != Validity::kValid && reason.level == validity)
      return fmt::format("the report is {}: {}", validity_text(validity), reason_text(reason));
  for (const LoadReport& load : report.loads) {
    for (const RuleResult& rule : load.rules) {
      if (rule.verdict == RuleVerdict::kPass) continue;
      return fmt::format("{}, {}: {}{}", load.load.name, rule.rule.text,
                         rule_verdict_text(rule.verdict),
                         rule.note.empty() ? "" : " (" + rule.note + ")");
    }
  }
  return {};
}

}  // namespace kairo::reports
