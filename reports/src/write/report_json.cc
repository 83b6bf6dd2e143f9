// SPDX-License-Identifier: GPL-2.0-only
// report.json; docs/report-format.md describes every member.
#include <cmath>

#include "kairo/reports/report.h"
#include "read/json_reader.h"
#include "read/rule_json.h"

namespace kairo::reports {
namespace {

constexpr std::size_t kP50 = place_of_percentile("p50");
constexpr std::size_t kP99 = place_of_percentile("p99");

// Whole numbers as such; others with nine significant digits, which every compiler agrees on.
Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::floor(value) && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
  return std::stod(fmt::format("{:.9g}", value));
}

Json number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}

Json count(const std::optional<std::uint64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json interval(const std::optional<Interval>& value) {
  return value ? Json::array({number(value->low), number(value->high)}) : Json(nullptr);
}

Json run_values(const Estimate& estimate) {
  Json out = Json::array();
  for (const auto& value : estimate.runs) out.push_back(number(value));
  return out;
}

Json source_name(PercentileSource source) {
  if (source == PercentileSource::kNone) return nullptr;
  return source == PercentileSource::kRuns ? "runs" : "pooled";
}

// The median under `name`, its interval and the runs' values in the objects beside it.
void put(Json& object, const std::string& name, const Estimate& estimate) {
  object[name] = number(estimate.median);
  object["intervals"][name] = interval(estimate.interval);
  object["runs"][name] = run_values(estimate);
}

Json curve_json(const ClassSummary& summary) {
  Json curve = Json::array();
  for (const CurvePoint& point : summary.curve)
    curve.push_back(Json::array({number(point.percent), number(point.ns)}));
  return curve;
}

Json class_json(const ClassSummary& summary) {
  Json out = Json::object();
  out["pooled"]["samples"] = summary.pooled_samples;
  out["at_least"] = Json::array();
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    const std::string key(kPercentiles[i].key);
    const PercentileFigure& figure = summary.percentiles[i];
    put(out, key, figure.over_runs);
    out[key] = number(figure.value);
    if (figure.source != PercentileSource::kRuns) out["intervals"][key] = nullptr;
    out[key.substr(0, key.size() - 3) + "_source"] = source_name(figure.source);
    out["pooled"][key] = number(figure.pooled);
    if (figure.at_least) out["at_least"].push_back(key);
  }
  for (std::size_t i = 0; i < kClassFigures.size(); ++i)
    put(out, std::string(kClassFigures[i].key), summary.figures[i]);
  out["longest_ns"] = number(summary.longest_ns);
  out["errors"] = count(summary.errors);
  out["late"] = count(summary.late);
  out["achieved"] = number(summary.achieved);
  return out;
}

// One row per window: from_s, I/Os, p50, p99, bytes/s.
Json windows_json(const std::vector<WindowFigures>& windows) {
  Json out = Json::array();
  for (const WindowFigures& window : windows)
    out.push_back({number(window.from_s), window.ios, number(window.percentiles[kP50]),
                   number(window.percentiles[kP99]), number(window.bytes_per_s)});
  return out;
}

Json samples_json(const SampledFile& file) {
  Json at = Json::array();
  for (const double seconds : file.at_s) at.push_back(number(seconds));
  Json series = Json::object();
  for (const auto& [name, column] : file.series) {
    Json values = Json::array();
    for (const auto& value : column) values.push_back(number(value));
    series[name] = std::move(values);
  }
  Json out = {{"at_s", std::move(at)}, {"series", std::move(series)}};
  if (!file.words.empty()) out["words"] = file.words;
  return out;
}

// What an arm has beyond its totals; members are there only when something was recorded.
void put_over_time(Json& out, const ArmSummary& arm) {
  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (!arm.over_time[i].empty())
      out["over_time"][std::string(kClassNames[i])] = windows_json(arm.over_time[i]);
  }
  for (const PhaseSummary& phase : arm.phases) {
    Json classes = Json::object();
    for (std::size_t i = 0; i < kClassCount; ++i) {
      if (!phase.classes[i]) continue;
      Json& object = classes[std::string(kClassNames[i])];
      object = class_json(*phase.classes[i]);
      // The windows hold latency and counts only.
      for (const char* const absent :
           {"errors", "late", "achieved", "longest_ns", "max_ns", "mean_ns", "missed"})
        object.erase(absent);
      for (const char* const absent : {"max_ns", "mean_ns", "missed"}) {
        object["intervals"].erase(absent);
        object["runs"].erase(absent);
      }
    }
    out["phases"][phase.phase.name] = {{"from_s", number(phase.phase.from_s)},
                                       {"to_s", number(phase.phase.to_s)},
                                       {"classes", std::move(classes)}};
  }
  for (const auto& [name, file] : arm.samples) out["samples"][name] = samples_json(file);
  if (!arm.collected.empty()) out["collected"] = arm.collected;
}

Json kernel_json(const std::optional<KernelId>& kernel) {
  if (!kernel) return nullptr;
  return {{"release", kernel->release}, {"build", kernel->build}};
}

Json arm_json(const ArmSummary& arm) {
  Json out = {{"scheduler", arm.arm.scheduler}, {"settings", settings_of(arm.arm)},
              {"tunables", arm.tunables},       {"hint_paths", arm.hint_paths},
              {"classes", Json::object()},      {"counters", nullptr}};
  for (std::size_t i = 0; i < kRunFigures.size(); ++i)
    put(out, std::string(kRunFigures[i].key), arm.run_figures[i]);
  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (arm.classes[i]) out["classes"][std::string(kClassNames[i])] = class_json(*arm.classes[i]);
  }
  for (const auto& [host, classes] : arm.hosts)
    for (std::size_t i = 0; i < kClassCount; ++i)
      if (classes[i]) out["hosts"][host][std::string(kClassNames[i])] = class_json(*classes[i]);
  if (arm.counters) out["counters"] = *arm.counters;
  Json records = Json::array();
  for (const RunRecord& run : arm.runs)
    records.push_back({{"repeat", run.repeat},
                       {"order", run.order},
                       {"seed", run.seed},
                       {"kernel", kernel_json(run.kernel)},
                       {"virtual_ns", count(run.virtual_ns)}});
  out["repeats"] = std::move(records);
  put_over_time(out, arm);
  return out;
}

Json estimate_json(const Estimate& estimate) {
  return {{"median", number(estimate.median)},
          {"interval", interval(estimate.interval)},
          {"n", estimate.values().size()}};
}

Json bounded_name(Bounded bounded) {
  if (bounded == Bounded::kExact) return nullptr;
  return bounded == Bounded::kAtLeast ? "at least" : "at most";
}

Json comparison_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const ComparisonRow& row : comparison.rows)
    rows.push_back({{"metric", row.metric.name},
                    {"better", row.metric.better == Better::kLower ? "lower" : "higher"},
                    {"margin", number(row.metric.margin)},
                    {"base", estimate_json(row.base)},
                    {"test", estimate_json(row.test)},
                    {"ratio", number(row.ratio)},
                    {"ratio_bounded", bounded_name(row.bounded)},
                    {"ratio_interval", interval(row.ratio_interval)},
                    {"p", number(row.p)},
                    {"p_holm", number(row.p_holm)},
                    {"verdict", verdict_text(row.verdict)}});
  return {{"arm", comparison.arm}, {"rows", rows}};
}

Json load_json(const LoadReport& load) {
  Json arms = Json::object();
  Json order = Json::array();
  Json curves = Json::object();
  for (const ArmSummary& arm : load.arms) {
    arms[arm.arm.name] = arm_json(arm);
    order.push_back(arm.arm.name);
    for (std::size_t i = 0; i < kClassCount; ++i) {
      if (arm.classes[i])
        curves[arm.arm.name][std::string(kClassNames[i])] = curve_json(*arm.classes[i]);
    }
  }
  Json comparisons = Json::array();
  for (const Comparison& comparison : load.comparisons)
    comparisons.push_back(comparison_json(comparison));
  Json rules = Json::array();
  for (const RuleResult& rule : load.rules) rules.push_back(rule_result_json(rule));
  return {{"kind", load.load.kind},         {"description", load.load.description},
          {"job_file", load.load.job_file}, {"job_sha256", load.load.job_sha256},
          {"workload", load.load.workload}, {"sample", load.load.sample},
          {"arms", std::move(arms)},        {"arm_order", std::move(order)},
          {"curves", std::move(curves)},    {"comparisons", std::move(comparisons)},
          {"rules", std::move(rules)}};
}

Json per_io_json(const std::map<std::string, double>& values) {
  if (values.empty()) return nullptr;
  Json out = Json::object();
  for (const auto& [name, value] : values) out[name] = number(value);
  return out;
}

}  // namespace

std::string to_report_json(const Report& report) {
  Json loads = Json::object();
  Json order = Json::array();
  for (const LoadReport& load : report.loads) {
    loads[load.load.name] = load_json(load);
    order.push_back(load.load.name);
  }
  Json reasons = Json::array();
  for (const Reason& reason : report.reasons)
    reasons.push_back({{"level", reason.level == Validity::kValid ? std::string_view("NOTE")
                                                                  : validity_text(reason.level)},
                       {"code", reason.code},
                       {"load", reason.load},
                       {"arm", reason.arm},
                       {"text", reason_text(reason)}});
  Json document = {
      {"schema", "kairo-report"},
      {"version", 1},
      {"title", report.title},
      {"question", report.question},
      {"answer", report.answer},
      {"validity", {{"level", validity_text(overall(report.reasons))}, {"reasons", reasons}}},
      {"gate", gate_objection(report)},
      {"experiment", report.experiment},
      {"base_arm", report.base_arm},
      {"primary_load", report.loads.front().load.name},
      {"primary_metric", report.metrics.front().name},
      {"fixture", report.fixture},
      {"virtual_time", report.virtual_time},
      {"device", {{"name", report.device_name}, {"parameters", report.device}}},
      {"environment", report.environment},
      {"fio_version", report.fio_version},
      {"command", report.command},
      {"limits", report.limits},
      {"statistics",
       {{"alpha", kAlpha},
        {"confidence", 0.95},
        {"test", "two-sided Mann-Whitney, exact with midranks up to 64 runs"},
        {"adjustment", "Holm, over the rows of one arm under one load"},
        {"bootstrap_resamples", kBootstrapResamples},
        {"bootstrap_seed", kBootstrapSeed}}},
      {"load_order", order}};
  for (const CostProfile& profile : report.cost) {
    Json& object = document["cost"][profile.load][profile.arm];
    object["events_per_io"] = per_io_json(profile.events_per_io);
    object["calls_per_io"] = per_io_json(profile.calls_per_io);
  }
  document["arms"] = loads[report.loads.front().load.name]["arms"];
  document["loads"] = std::move(loads);
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kairo::reports
