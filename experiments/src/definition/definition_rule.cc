// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/ranges.h>

#include <algorithm>

#include "definition/definition_parts.h"
#include "kairo/base/short_names.h"
#include "kairo/reports/metric.h"

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
reports::Bound read_bound(const TomlReader& reader, const Definition& definition) {
  reports::Bound out;
  out.metric = reader.text("metric");
  if (!reports::is_metric_name(out.metric))
    reader.refuse("metric", "\"{}\" is not a metric (example: decode.p99_ns)", out.metric);
  if (reader.has("at_most") == reader.has("at_least"))
    reader.refuse("metric", "give either at_most or at_least");
  out.at_most = reader.has("at_most");
  out.value = reader.number(out.at_most ? "at_most" : "at_least");
  out.of = reader.texts("of");
  for (const std::string& name : out.of)
    if (name != reports::kBestStock && !has_name(definition.arms, name))
      reader.refuse("of", "\"{}\" is not the name of an [[arm]] nor \"{}\"", name,
                    reports::kBestStock);
  out.phase = reader.text_or("phase", "");
  if (!out.phase.empty() && !has_phase(definition, out.phase))
    reader.refuse("phase", "\"{}\" is not a phase of any [[load]]", out.phase);
  return out;
}

// The names under `key`, each of which `known` must accept.
template <class Known>
std::vector<std::string> read_names(const TomlReader& reader, std::string_view key,
                                    std::string_view what, const Known& known) {
  std::vector<std::string> names = reader.texts(key);
  for (const std::string& name : names)
    if (!known(name)) reader.refuse(key, "\"{}\" is not {}", name, what);
  return names;
}

}  // namespace

RuleDefinition read_rule(const TomlReader& reader, const Definition& definition) {
  reader.only({"text", "arm", "metric", "at_most", "at_least", "of", "phase", "where", "loads",
               "profiles"});
  RuleDefinition out;
  out.rule.arm = reader.text("arm");
  if (!has_name(definition.arms, out.rule.arm))
    reader.refuse("arm", "\"{}\" is not the name of an [[arm]]", out.rule.arm);
  out.rule.bound = read_bound(reader, definition);
  for (const TomlReader& condition : reader.table_or_tables("where")) {
    condition.only({"metric", "at_most", "at_least", "of", "phase"});
    out.rule.where.push_back(read_bound(condition, definition));
  }
  const bool readable = reports::is_metric_name(out.rule.bound.metric);
  out.rule.text =
      reader.text_or("text", readable ? reports::bound_text(out.rule.bound) : std::string());
  out.rule.loads =
      read_names(reader, "loads", "the name of a [[load]]",
                 [&](const std::string& name) { return has_name(definition.loads, name); });
  out.profiles =
      read_names(reader, "profiles", "a profile of this experiment", [&](const std::string& name) {
        return std::any_of(definition.profiles.begin(), definition.profiles.end(),
                           [&](const auto& profile) { return profile.stem() == name; });
      });
  return out;
}

}  // namespace kairo::experiments
