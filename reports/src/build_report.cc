// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "kairo/base/units.h"
#include "kairo/reports/format.h"
#include "kairo/reports/report.h"
#include "summarise.h"

namespace kairo::reports {
namespace {

ComparisonRow compare_metric(const Metric& metric, const ArmSummary& base, const ArmSummary& test) {
  ComparisonRow row;
  row.metric = metric;
  const auto name = parse_metric_name(metric.name);
  row.base = metric_estimate(base, *name);
  row.test = metric_estimate(test, *name);
  // A figure that some runs lack is not compared: which runs lack it is not by chance.
  if (!row.base.complete() || !row.test.complete()) return row;
  const std::vector<double> a = row.base.values();
  const std::vector<double> b = row.test.values();
  if (*row.base.median > 0) row.ratio = *row.test.median / *row.base.median;
  row.ratio_interval = ratio_interval(a, b);
  if (const auto test_result = mann_whitney(a, b)) row.p = test_result->p;
  return row;
}

Comparison compare_arm(const std::vector<Metric>& metrics, const ArmSummary& base,
                       const ArmSummary& test) {
  Comparison out;
  out.arm = test.arm.name;
  std::vector<double> p_values;
  for (const Metric& metric : metrics) {
    out.rows.push_back(compare_metric(metric, base, test));
    if (out.rows.back().p) p_values.push_back(*out.rows.back().p);
  }
  const std::vector<double> adjusted = holm(p_values);
  std::size_t next = 0;
  for (ComparisonRow& row : out.rows) {
    if (row.p) row.p_holm = adjusted[next++];
    row.verdict = decide(row.metric, {row.base.values().size(), row.test.values().size(),
                                      p_values.size(), row.ratio, row.p_holm});
  }
  return out;
}

LoadReport report_load(const ResultFolder& folder, const Load& load, const std::string& base_arm) {
  LoadReport out;
  out.load = load;
  const auto dies_text = folder.experiment.device.find("dies");
  const auto dies = dies_text == folder.experiment.device.end()
                        ? std::nullopt
                        : base::parse_u64(dies_text->second);
  for (const Arm& arm : folder.experiment.arms) {
    Runs runs;
    for (const Run& run : folder.runs) {
      if (run.record.load == load.name && run.record.arm == arm.name) runs.push_back(&run);
    }
    if (!runs.empty()) out.arms.push_back(summarise_arm(arm, load, runs, dies));
  }
  out.rules = evaluate_rules(folder.experiment.rules, out);
  const ArmSummary* const base = out.find(base_arm);
  if (base == nullptr) return out;
  for (const ArmSummary& arm : out.arms) {
    if (arm.arm.name != base_arm)
      out.comparisons.push_back(compare_arm(folder.experiment.metrics, *base, arm));
  }
  return out;
}

std::vector<std::string> limits_of(const Experiment& experiment) {
  std::vector<std::string> out;
  if (experiment.virtual_time)
    out.emplace_back(
        "Virtual time: the guest's clock counts instructions. Order, queueing and relative latency "
        "hold; cache effects, lock contention and absolute IOPS do not show.");
  out.push_back(fmt::format(
      "One device ({}) and the loads named here. Another device or load can rank the arms "
      "differently.",
      experiment.device_name));
  out.emplace_back(
      "Latency is fio's completion latency; the engine's open-loop jobs count it from the intended "
      "start. fio's bins are up to 1/128 wide, so differences below 0.8 % are not resolved.");
  out.emplace_back("\"No difference detected\" does not mean equal.");
  return out;
}

// Below this share of the base's throughput an arm's latency was bought with it.
constexpr double kLossLimit = 0.95;

struct Ranked {
  const ArmSummary* arm;
  double value;
  const Comparison* comparison;  // nullptr for the base
};

std::vector<Ranked> rank_arms(const LoadReport& load, const Metric& metric) {
  std::vector<Ranked> out;
  for (const ArmSummary& arm : load.arms) {
    const Estimate estimate = metric_estimate(arm, *parse_metric_name(metric.name));
    if (!estimate.complete()) continue;
    const auto comparison =
        std::find_if(load.comparisons.begin(), load.comparisons.end(),
                     [&](const Comparison& other) { return other.arm == arm.arm.name; });
    out.push_back(
        {&arm, *estimate.median, comparison == load.comparisons.end() ? nullptr : &*comparison});
  }
  std::stable_sort(out.begin(), out.end(), [&](const Ranked& a, const Ranked& b) {
    return metric.better == Better::kLower ? a.value < b.value : a.value > b.value;
  });
  return out;
}

// `0.06 times the prefill rate`, the worst loss among the metrics that should be high; else empty.
std::string loss_of(const Ranked& ranked) {
  if (ranked.comparison == nullptr) return {};
  const ComparisonRow* worst = nullptr;
  for (const ComparisonRow& row : ranked.comparison->rows) {
    if (row.metric.better == Better::kHigher && row.ratio && *row.ratio < kLossLimit &&
        (worst == nullptr || *row.ratio < *worst->ratio))
      worst = &row;
  }
  if (worst == nullptr) return {};
  return fmt::format("{} times the {}", format_number(*worst->ratio),
                     metric_title(worst->metric.name));
}

// The answer is about the first metric under the first load: the best arm that does not pay with
// throughput, how it stands against the base, who comes next, and who is ahead only by paying.
std::string answer_of(const Report& report) {
  const Metric& metric = report.metrics.front();
  const Unit unit = parse_metric_name(metric.name)->unit;
  const LoadReport& load = report.loads.front();
  const std::vector<Ranked> ranked = rank_arms(load, metric);
  std::string out = fmt::format("{}, load {}: ", metric_title(metric.name), load.load.name);
  if (ranked.empty()) return out + "no arm has enough data.";
  const auto best = std::find_if(ranked.begin(), ranked.end(),
                                 [](const Ranked& arm) { return loss_of(arm).empty(); });
  // The base loses nothing to itself; without it every arm may pay.
  if (best == ranked.end()) return out + "every arm pays with throughput.";
  out +=
      fmt::format("{} is best with {}", best->arm->arm.name, format_with_unit(best->value, unit));
  if (best->comparison == nullptr) {
    out += ", and it is the base";
  } else if (const ComparisonRow& row = best->comparison->rows.front(); row.ratio) {
    out += fmt::format(", {} times {}'s {} ({})", format_number(*row.ratio), report.base_arm,
                       format_with_unit(*row.base.median, unit), verdict_text(row.verdict));
  }
  if (const auto next = std::next(best); next != ranked.end()) {
    out += fmt::format("; next is {} with {}", next->arm->arm.name,
                       format_with_unit(next->value, unit));
    if (const std::string loss = loss_of(*next); !loss.empty()) out += " at " + loss;
  }
  for (auto ahead = ranked.begin(); ahead != best; ++ahead)
    out += fmt::format("; {} has {}, but at {} of {}", ahead->arm->arm.name,
                       format_with_unit(ahead->value, unit), loss_of(*ahead), report.base_arm);
  return out + ".";
}

}  // namespace

std::vector<double> Estimate::values() const {
  std::vector<double> out;
  for (const auto& value : runs) {
    if (value) out.push_back(*value);
  }
  return out;
}

bool Estimate::complete() const {
  return !runs.empty() &&
         std::all_of(runs.begin(), runs.end(), [](const auto& value) { return value.has_value(); });
}

const ArmSummary* LoadReport::find(std::string_view arm) const {
  for (const ArmSummary& summary : arms) {
    if (summary.arm.name == arm) return &summary;
  }
  return nullptr;
}

base::Result<Report> build_report(const ResultFolder& folder, const std::string& base_arm,
                                  std::vector<Reason> reasons) {
  const Experiment& experiment = folder.experiment;
  Report out;
  out.base_arm = base_arm.empty() ? experiment.base_arm : base_arm;
  const auto is_base = [&](const Arm& arm) { return arm.name == out.base_arm; };
  if (std::none_of(experiment.arms.begin(), experiment.arms.end(), is_base)) {
    std::string names;
    for (const Arm& arm : experiment.arms) names += (names.empty() ? "" : ", ") + arm.name;
    return base::fail(base::ErrorCode::kUsage, "--base {}: no such arm (there are: {})",
                      out.base_arm, names);
  }
  out.experiment = experiment.name;
  out.fixture = experiment.fixture;
  out.virtual_time = experiment.virtual_time;
  out.title = fmt::format("{}{}", out.fixture ? "FIXTURE: " : "", experiment.name);
  out.question = experiment.question;
  out.metrics = experiment.metrics;
  out.device_name = experiment.device_name;
  out.device = experiment.device;
  out.environment = experiment.environment;
  out.command = experiment.command;
  out.fio_version = folder.runs.front().fio_version;
  for (const Load& load : experiment.loads)
    out.loads.push_back(report_load(folder, load, out.base_arm));
  out.cost = folder.cost;
  out.reasons = std::move(reasons);
  for (Reason& reason : find_reasons(folder, out.loads)) out.reasons.push_back(std::move(reason));
  out.limits = limits_of(experiment);
  out.answer = answer_of(out);
  return out;
}

}  // namespace kairo::reports
