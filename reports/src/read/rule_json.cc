// SPDX-License-Identifier: GPL-2.0-only
#include "read/rule_json.h"

#include "kairo/reports/metric.h"

namespace kairo::reports {
namespace {

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json bound_json(const Bound& bound) {
  Json out = {{"metric", bound.metric}, {"of", bound.of}};
  out[bound.at_most ? "at_most" : "at_least"] = bound.value;
  if (!bound.phase.empty()) out["phase"] = bound.phase;
  return out;
}

std::vector<std::string> read_names(const JsonReader& reader, const char* key) {
  std::vector<std::string> out;
  const auto found = reader.json().find(key);
  if (found == reader.json().end()) return out;
  if (!found->is_array()) {
    reader.refuse(key, "not an array of strings");
    return out;
  }
  for (const Json& name : *found) {
    if (name.is_string())
      out.push_back(name.get<std::string>());
    else
      reader.refuse(key, "one is not a string");
  }
  return out;
}

Bound read_bound(const JsonReader& reader) {
  Bound out;
  out.metric = read_metric_name(reader, "metric");
  out.at_most = reader.has("at_most");
  if (out.at_most == reader.has("at_least"))
    reader.refuse("at_most", "give either at_most or at_least");
  else
    out.value = reader.number(out.at_most ? "at_most" : "at_least");
  out.of = read_names(reader, "of");
  if (reader.has("phase")) out.phase = reader.text("phase");
  return out;
}

Json bound_result_json(const BoundResult& result) {
  Json out = bound_json(result.bound);
  out["verdict"] = rule_verdict_text(result.verdict);
  out["measured"] = number(result.value);
  out["measured_at_least"] = result.value_at_least;
  out["against"] = number(result.against);
  out["against_at_least"] = result.against_at_least;
  out["against_arm"] = result.against_arm.empty() ? Json(nullptr) : Json(result.against_arm);
  return out;
}

}  // namespace

std::string read_metric_name(const JsonReader& reader, const char* key) {
  std::string name = reader.text(key);
  if (!is_metric_name(name)) reader.refuse(key, fmt::format("'{}' is not a metric", name));
  return name;
}

Json rule_json(const Rule& rule) {
  Json where = Json::array();
  for (const Bound& bound : rule.where) where.push_back(bound_json(bound));
  return {{"text", rule.text},
          {"arm", rule.arm},
          {"bound", bound_json(rule.bound)},
          {"where", std::move(where)},
          {"loads", rule.loads}};
}

Rule read_rule(const JsonReader& reader) {
  Rule out;
  out.text = reader.text("text");
  out.arm = reader.text("arm");
  out.bound = read_bound(reader.object("bound"));
  for (const JsonReader& bound : reader.objects("where")) out.where.push_back(read_bound(bound));
  out.loads = read_names(reader, "loads");
  return out;
}

Json rule_result_json(const RuleResult& result) {
  Json where = Json::array();
  for (const BoundResult& bound : result.where) where.push_back(bound_result_json(bound));
  return {{"text", result.rule.text},
          {"arm", result.rule.arm},
          {"load", result.load},
          {"verdict", rule_verdict_text(result.verdict)},
          {"bound", bound_result_json(result.bound)},
          {"where", std::move(where)},
          {"set_aside", result.set_aside},
          {"note", result.note}};
}

}  // namespace kairo::reports
