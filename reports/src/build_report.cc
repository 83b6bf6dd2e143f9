// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <set>

#include "kairo/base/units.h"
#include "kairo/reports/format.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using Runs = std::vector<const Run*>;

Estimate estimate(std::vector<std::optional<double>> runs) {
  Estimate out;
  out.runs = std::move(runs);
  const std::vector<double> values = out.values();
  out.median = median(values);
  out.interval = median_interval(values);
  return out;
}

Estimate estimate_figure(const Runs& runs, std::string_view metric,
                         std::optional<std::uint64_t> dies) {
  std::vector<std::optional<double>> values;
  for (const Run* run : runs) values.push_back(figure(*run, metric, dies));
  return estimate(std::move(values));
}

// The cumulative share at every bucket with samples, from the first percentile (one lucky I/O must
// not stretch the axis) up to where fewer than ten samples lie beyond.
std::vector<CurvePoint> curve_of(const Histogram& histogram) {
  std::vector<CurvePoint> out;
  std::optional<CurvePoint> skipped;
  const auto total = histogram.count();
  std::uint64_t sum = 0;
  for (unsigned i = 0; total != 0 && i <= histogram.last_bucket(); ++i) {
    if (histogram.bucket_count(i) == 0) continue;
    sum += histogram.bucket_count(i);
    if (total - sum < 10) {
      // The curve ends inside this bucket, where the tenth sample from above lies.
      if (total > 10)
        skipped = {100 - 1000 / static_cast<double>(total),
                   static_cast<double>(Histogram::midpoint(i))};
      break;
    }
    if (static_cast<double>(sum) < 0.01 * static_cast<double>(total)) continue;
    const CurvePoint point{100 * static_cast<double>(sum) / static_cast<double>(total),
                           static_cast<double>(Histogram::midpoint(i))};
    // Points closer than this to the last one cannot be told from it in a plot.
    const bool near = !out.empty() && point.ns < 1.02 * out.back().ns &&
                      100 - point.percent > 0.95 * (100 - out.back().percent);
    skipped.reset();
    if (near)
      skipped = point;
    else
      out.push_back(point);
  }
  if (skipped) out.push_back(*skipped);
  return out;
}

PercentileFigure percentile_figure(const Runs& runs, std::size_t io_class,
                                   const Percentile& percentile, const Histogram& pooled) {
  PercentileFigure out;
  out.over_runs =
      estimate_figure(runs, fmt::format("{}.{}", kClassNames[io_class], percentile.key), {});
  if (const auto value = pooled.supported_percentile(percentile.percent))
    out.pooled = static_cast<double>(*value);
  if (out.over_runs.complete()) {
    out.value = out.over_runs.median;
    out.source = PercentileSource::kRuns;
  } else if (out.pooled) {
    out.value = out.pooled;
    out.source = PercentileSource::kPooled;
  }
  return out;
}

std::optional<ClassSummary> summarise_class(const Runs& runs, std::size_t io_class) {
  ClassSummary out;
  Histogram pooled;
  std::optional<std::uint64_t> offered;
  std::optional<std::uint64_t> issued;
  bool seen = false;
  for (const Run* run : runs) {
    const auto& result = run->classes[io_class];
    if (!result) continue;
    seen = true;
    pooled.merge(result->latency);
    if (result->latency.count() != 0)
      out.longest_ns = std::max(out.longest_ns.value_or(0), static_cast<double>(result->max_ns));
    if (result->errors) out.errors = out.errors.value_or(0) + *result->errors;
    if (result->late) out.late = out.late.value_or(0) + *result->late;
    if (result->offered_ios) offered = offered.value_or(0) + *result->offered_ios;
    if (result->issued_ios) issued = issued.value_or(0) + *result->issued_ios;
  }
  if (!seen) return std::nullopt;
  for (std::size_t i = 0; i < kPercentiles.size(); ++i)
    out.percentiles[i] = percentile_figure(runs, io_class, kPercentiles[i], pooled);
  const auto of = [&](std::string_view name) {
    return estimate_figure(runs, fmt::format("{}.{}", kClassNames[io_class], name), {});
  };
  out.ios = of("ios");
  out.bytes_per_s = of("bytes_per_s");
  out.mean_ns = of("mean_ns");
  out.max_ns = of("max_ns");
  out.pooled_samples = pooled.count();
  out.curve = curve_of(pooled);
  if (offered && issued && *offered > 0)
    out.achieved = static_cast<double>(*issued) / static_cast<double>(*offered);
  return out;
}

std::optional<CounterTable> sum_counters(const Runs& runs) {
  std::optional<CounterTable> out;
  for (const Run* run : runs) {
    if (!run->counters) continue;
    if (!out) out.emplace();
    for (const auto& [io_class, row] : *run->counters) {
      for (const auto& [column, value] : row) (*out)[io_class][column] += value;
    }
  }
  return out;
}

ArmSummary summarise_arm(const Arm& arm, const Runs& runs, std::optional<std::uint64_t> dies) {
  ArmSummary out;
  out.arm = arm;
  std::set<std::string> paths;
  for (const Run* run : runs) {
    out.runs.push_back(run->record);
    for (const EngineStats& engine : run->engines) paths.insert(engine.path_used);
  }
  out.hint_paths.assign(paths.begin(), paths.end());
  out.utilisation = estimate_figure(runs, "utilisation", dies);
  out.virtual_ns_per_io = estimate_figure(runs, "virtual_ns_per_io", dies);
  out.cpu_busy = estimate_figure(runs, "cpu_busy", dies);
  for (std::size_t i = 0; i < kClassCount; ++i) out.classes[i] = summarise_class(runs, i);
  out.tunables = runs.front()->tunables;
  out.counters = sum_counters(runs);
  return out;
}

Estimate metric_estimate(const ArmSummary& arm, const MetricName& name) {
  if (!name.io_class) {
    if (name.figure == "utilisation") return arm.utilisation;
    return name.figure == "cpu_busy" ? arm.cpu_busy : arm.virtual_ns_per_io;
  }
  const auto& summary = arm.classes[static_cast<std::size_t>(*name.io_class)];
  if (!summary) return {};
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    if (kPercentiles[i].key == name.figure) return summary->percentiles[i].over_runs;
  }
  if (name.figure == "ios") return summary->ios;
  if (name.figure == "bytes_per_s") return summary->bytes_per_s;
  return name.figure == "max_ns" ? summary->max_ns : summary->mean_ns;
}

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
    if (!runs.empty()) out.arms.push_back(summarise_arm(arm, runs, dies));
  }
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
  out.reasons = std::move(reasons);
  for (Reason& reason : find_reasons(folder, out.loads)) out.reasons.push_back(std::move(reason));
  out.limits = limits_of(experiment);
  out.answer = answer_of(out);
  return out;
}

}  // namespace kairo::reports
