// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/ranges.h>

#include <algorithm>

#include "kairo/base/suggest.h"
#include "kairo/reports/format.h"
#include "kairo/reports/report.h"
#include "model/summarise.h"

namespace kairo::reports {
namespace {

ComparisonRow compare_metric(const Metric& metric, const ArmSummary& base, const ArmSummary& test) {
  ComparisonRow row;
  row.metric = metric;
  const MetricName name = metric_of(metric.name);
  row.base = metric_estimate(base, name);
  row.test = metric_estimate(test, name);
  // A figure that some runs lack is not compared: which runs lack it is not by chance.
  if (!row.base.complete() || !row.test.complete()) return row;
  const std::vector<double> a = row.base.values();
  const std::vector<double> b = row.test.values();
  // Of two medians without an end there is no ratio, of one it is known on one side.
  const bool open = row.base.at_least || row.test.at_least;
  if (*row.base.median > 0 && !(row.base.at_least && row.test.at_least))
    row.ratio = *row.test.median / *row.base.median;
  if (open && row.ratio) row.bounded = row.test.at_least ? Bounded::kAtLeast : Bounded::kAtMost;
  if (!open) row.ratio_interval = ratio_interval(a, b);
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
  for (const Arm& arm : folder.experiment.arms) {
    Runs runs;
    for (const Run& run : folder.runs) {
      if (run.record.load == load.name && run.record.arm == arm.name) runs.push_back(&run);
    }
    if (!runs.empty()) out.arms.push_back(summarise_arm(arm, load, runs));
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

bool any_at_least(const std::vector<LoadReport>& loads) {
  for (const LoadReport& load : loads)
    for (const ArmSummary& arm : load.arms)
      for (const auto& summary : arm.classes)
        for (std::size_t i = 0; summary && i < kPercentiles.size(); ++i)
          if (summary->percentiles[i].at_least) return true;
  return false;
}

std::vector<std::string> limits_of(const Experiment& experiment,
                                   const std::vector<LoadReport>& loads) {
  std::vector<std::string> out;
  if (experiment.virtual_time)
    out.emplace_back(
        "Virtual time: the guest's clock counts instructions. Order, queueing and relative latency "
        "hold; cache effects, lock contention and absolute IOPS do not show.");
  const bool several = experiment.device_name.find(" and ") != std::string::npos;
  out.push_back(fmt::format(
      "{} ({}) and the loads named here. Another device or load can rank the arms differently.",
      several ? "These devices" : "One device", experiment.device_name));
  out.emplace_back(
      "Latency is fio's completion latency; the engine's open-loop jobs count it from the intended "
      "start. fio's bins are up to 1/128 wide, so differences below 0.8 % are not resolved.");
  if (any_at_least(loads))
    out.emplace_back(
        "fio's last bin begins at 17.05 s and has no end: a percentile in it is printed as ≥ its "
        "begin.");
  out.emplace_back("\"No difference detected\" does not mean equal.");
  return out;
}

// Below this share of the base's throughput an arm's latency was bought with it.
constexpr double kLossLimit = 0.95;

struct Ranked {
  const ArmSummary* arm;
  double value;
  bool at_least;
  const Comparison* comparison;  // nullptr for the base

  [[nodiscard]] std::string text(Unit unit) const {
    return fmt::format("{}{}", at_least_mark(at_least), format_with_unit(value, unit));
  }
};

std::vector<Ranked> rank_arms(const LoadReport& load, const Metric& metric) {
  std::vector<Ranked> out;
  for (const ArmSummary& arm : load.arms) {
    const Estimate estimate = metric_estimate(arm, metric_of(metric.name));
    if (!estimate.complete()) continue;
    const auto comparison =
        std::find_if(load.comparisons.begin(), load.comparisons.end(),
                     [&](const Comparison& other) { return other.arm == arm.arm.name; });
    out.push_back({&arm, *estimate.median, estimate.at_least,
                   comparison == load.comparisons.end() ? nullptr : &*comparison});
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
  const Unit unit = metric_of(metric.name).unit;
  const LoadReport& load = report.loads.front();
  const std::vector<Ranked> ranked = rank_arms(load, metric);
  std::string out = fmt::format("{}, load {}: ", metric_title(metric.name), load.load.name);
  if (ranked.empty()) return out + "no arm has enough data.";
  if (ranked.size() == 1)
    return fmt::format("{}{} has {}; {}.", out, ranked.front().arm->arm.name,
                       ranked.front().text(unit),
                       load.arms.size() == 1 ? "there is no other arm to compare it with"
                                             : "no other arm has enough data");
  const auto best = std::find_if(ranked.begin(), ranked.end(),
                                 [](const Ranked& arm) { return loss_of(arm).empty(); });
  // The base loses nothing to itself; without it every arm may pay.
  if (best == ranked.end()) return out + "every arm pays with throughput.";
  out += fmt::format("{} is best with {}", best->arm->arm.name, best->text(unit));
  if (best->comparison == nullptr) {
    out += ", and it is the base";
  } else if (const ComparisonRow& row = best->comparison->rows.front(); row.ratio) {
    out += fmt::format(", {} times {}'s {}{} ({})", ratio_text(row), report.base_arm,
                       at_least_mark(row.base.at_least), format_with_unit(*row.base.median, unit),
                       verdict_text(row.verdict));
  }
  if (const auto next = std::next(best); next != ranked.end()) {
    out += fmt::format("; next is {} with {}", next->arm->arm.name, next->text(unit));
    if (const std::string loss = loss_of(*next); !loss.empty()) out += " at " + loss;
  }
  for (auto ahead = ranked.begin(); ahead != best; ++ahead)
    out += fmt::format("; {} has {}, but at {} of {}", ahead->arm->arm.name, ahead->text(unit),
                       loss_of(*ahead), report.base_arm);
  return out + ".";
}

}  // namespace

std::string ratio_text(const ComparisonRow& row) {
  const std::string number = format_optional(row.ratio);
  if (row.bounded == Bounded::kExact) return number;
  return (row.bounded == Bounded::kAtLeast ? "≥ " : "≤ ") + number;
}

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
    std::vector<std::string> names;
    for (const Arm& arm : experiment.arms) names.push_back(arm.name);
    return base::fail(base::ErrorCode::kUsage, "--base {}: no such arm{} (there are: {})",
                      out.base_arm, base::did_you_mean(out.base_arm, names),
                      fmt::join(names, ", "));
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
  out.limits = limits_of(experiment, out.loads);
  out.answer = answer_of(out);
  return out;
}

}  // namespace kairo::reports
