// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/ranges.h>

#include <algorithm>

#include "definition_parts.h"
#include "kairo/reports/metric.h"
#include "results.h"

namespace kairo::experiments {
namespace {

template <class Item>
bool has_name(const std::vector<Item>& items, const std::string& name) {
  return std::any_of(items.begin(), items.end(),
                     [&](const Item& item) { return item.name == name; });
}

bool has_phase(const Definition& definition, const std::string& name) {
  return std::any_of(definition.loads.begin(), definition.loads.end(),
                     [&](const LoadDefinition& load) { return has_name(load.phases, name); });
}

// metric, at_most or at_least, of, phase: the keys a rule and its conditions share.
Result<reports::Bound> read_bound(const TomlReader& reader, const Definition& definition) {
  reports::Bound out;
  const auto metric = reader.text("metric");
  if (!metric) return base::fail(metric.error());
  if (!reports::is_metric_name(*metric))
    return bad_input("{}: \"{}\" is not a metric (example: decode.p99_ns)", reader.where("metric"),
                     *metric);
  out.metric = *metric;
  if (reader.has("at_most") == reader.has("at_least"))
    return bad_input("{}: give either at_most or at_least", reader.where("metric"));
  out.at_most = reader.has("at_most");
  const auto value = reader.number(out.at_most ? "at_most" : "at_least");
  if (!value) return base::fail(value.error());
  out.value = *value;
  const auto of = reader.texts("of");
  if (!of) return base::fail(of.error());
  for (const std::string& name : *of)
    if (name != reports::kBestStock && !has_name(definition.arms, name))
      return bad_input("{}: \"{}\" is not the name of an [[arm]] nor \"{}\"", reader.where("of"),
                       name, reports::kBestStock);
  out.of = *of;
  const auto phase = reader.text_or("phase", "");
  if (!phase) return base::fail(phase.error());
  if (!phase->empty() && !has_phase(definition, *phase))
    return bad_input("{}: \"{}\" is not a phase of any [[load]]", reader.where("phase"), *phase);
  out.phase = *phase;
  return out;
}

// The names under `key`, each of which `known` must accept.
template <class Known>
Result<std::vector<std::string>> read_names(const TomlReader& reader, std::string_view key,
                                            std::string_view what, const Known& known) {
  auto names = reader.texts(key);
  if (!names) return names;
  for (const std::string& name : *names)
    if (!known(name)) return bad_input("{}: \"{}\" is not {}", reader.where(key), name, what);
  return names;
}

}  // namespace

Result<RuleDefinition> read_rule(const TomlReader& reader, const Definition& definition) {
  if (auto known = reader.only({"text", "arm", "metric", "at_most", "at_least", "of", "phase",
                                "where", "loads", "profiles"});
      !known)
    return base::fail(known.error());
  RuleDefinition out;
  const auto arm = reader.text("arm");
  if (!arm) return base::fail(arm.error());
  if (!has_name(definition.arms, *arm))
    return bad_input("{}: \"{}\" is not the name of an [[arm]]", reader.where("arm"), *arm);
  out.rule.arm = *arm;
  auto bound = read_bound(reader, definition);
  if (!bound) return base::fail(bound.error());
  out.rule.bound = std::move(*bound);
  const auto conditions = reader.table_or_tables("where");
  if (!conditions) return base::fail(conditions.error());
  for (const TomlReader& condition : *conditions) {
    if (auto known = condition.only({"metric", "at_most", "at_least", "of", "phase"}); !known)
      return base::fail(known.error());
    auto read = read_bound(condition, definition);
    if (!read) return base::fail(read.error());
    out.rule.where.push_back(std::move(*read));
  }
  const auto text = reader.text_or("text", reports::bound_text(out.rule.bound));
  if (!text) return base::fail(text.error());
  out.rule.text = *text;
  auto loads = read_names(reader, "loads", "the name of a [[load]]", [&](const std::string& name) {
    return has_name(definition.loads, name);
  });
  if (!loads) return base::fail(loads.error());
  out.rule.loads = std::move(*loads);
  auto profiles =
      read_names(reader, "profiles", "a profile of this experiment", [&](const std::string& name) {
        return std::any_of(definition.profiles.begin(), definition.profiles.end(),
                           [&](const auto& profile) { return profile.stem() == name; });
      });
  if (!profiles) return base::fail(profiles.error());
  out.profiles = std::move(*profiles);
  return out;
}

}  // namespace kairo::experiments
