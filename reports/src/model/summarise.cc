// SPDX-License-Identifier: GPL-2.0-only
#include "model/summarise.h"

#include <algorithm>
#include <set>

namespace kairo::reports {
namespace {

Estimate estimate(std::vector<std::optional<double>> runs) {
  Estimate out;
  out.runs = std::move(runs);
  const std::vector<double> values = out.values();
  out.median = median(values);
  out.interval = median_interval(values);
  return out;
}

Estimate estimate_figure(const Runs& runs, const MetricName& name) {
  std::vector<std::optional<double>> values;
  for (const Run* run : runs) values.push_back(figure(*run, name));
  Estimate out = estimate(std::move(values));
  if (!name.is_percentile || !out.median) return out;
  // Of the two in the middle the upper one is the one that may have no end.
  std::vector<double> known = out.values();
  std::sort(known.begin(), known.end());
  out.at_least = Histogram::is_open(known[known.size() / 2]);
  if (out.at_least) out.interval.reset();
  out.high_at_least = out.interval && Histogram::is_open(out.interval->high);
  return out;
}

double shown_ns(unsigned bucket) {
  return static_cast<double>(std::min(Histogram::midpoint(bucket), Histogram::kOpenNs));
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
      if (total > 10) skipped = {100 - 1000 / static_cast<double>(total), shown_ns(i)};
      break;
    }
    if (static_cast<double>(sum) < 0.01 * static_cast<double>(total)) continue;
    const CurvePoint point{100 * static_cast<double>(sum) / static_cast<double>(total),
                           shown_ns(i)};
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

PercentileFigure percentile_figure(const Runs& runs, std::size_t io_class, std::size_t place,
                                   const Histogram& pooled) {
  PercentileFigure out;
  out.over_runs =
      estimate_figure(runs, {static_cast<IoClass>(io_class), true, place, Unit::kNanoseconds});
  if (const auto value = pooled.supported_percentile(kPercentiles[place].percent))
    out.pooled = static_cast<double>(*value);
  if (out.over_runs.complete()) {
    out.value = out.over_runs.median;
    out.at_least = out.over_runs.at_least;
    out.source = PercentileSource::kRuns;
  } else if (out.pooled) {
    out.value = out.pooled;
    out.at_least = Histogram::is_open(*out.pooled);
    out.source = PercentileSource::kPooled;
  }
  return out;
}

}  // namespace

std::optional<ClassSummary> summarise_class(const Runs& runs, std::size_t io_class) {
  ClassSummary out;
  Histogram pooled;
  std::optional<std::uint64_t> offered;
  std::optional<std::uint64_t> issued;
  bool seen = false;
  bool all_binned = true;
  bool all_measured = true;
  for (const Run* run : runs) {
    const auto& result = run->classes[io_class];
    if (!result) continue;
    seen = true;
    pooled.merge(result->latency);
    all_binned = all_binned && result->unbinned == 0;
    all_measured = all_measured && result->unmeasured == 0;
    if (result->ios() != 0)
      out.longest_ns = std::max(out.longest_ns.value_or(0), static_cast<double>(result->max_ns));
    if (result->errors) out.errors = out.errors.value_or(0) + *result->errors;
    if (result->late) out.late = out.late.value_or(0) + *result->late;
    if (result->offered_ios) offered = offered.value_or(0) + *result->offered_ios;
    if (result->issued_ios) issued = issued.value_or(0) + *result->issued_ios;
  }
  if (!seen) return std::nullopt;
  // Of a part of the I/Os there is no percentile, and none is known to be the longest.
  if (!all_binned) pooled = {};
  if (!all_measured) out.longest_ns.reset();
  for (std::size_t i = 0; i < kPercentiles.size(); ++i)
    out.percentiles[i] = percentile_figure(runs, io_class, i, pooled);
  for (std::size_t i = 0; i < kClassFigures.size(); ++i)
    out.figures[i] =
        estimate_figure(runs, {static_cast<IoClass>(io_class), false, i, kClassFigures[i].unit});
  out.pooled_samples = pooled.count();
  out.curve = curve_of(pooled);
  if (offered && issued && *offered > 0)
    out.achieved = static_cast<double>(*issued) / static_cast<double>(*offered);
  return out;
}

namespace {

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

// Every server as if it had run alone.
std::map<std::string, ClassSummaries> summarise_hosts(const Runs& runs) {
  std::map<std::string, std::vector<Run>> parts;
  for (const Run* run : runs)
    for (const auto& [host, classes] : run->hosts) {
      Run& part = parts[host].emplace_back();
      part.record = run->record;
      part.classes = classes;
    }
  std::map<std::string, ClassSummaries> out;
  for (const auto& [host, own] : parts) {
    Runs pointers;
    for (const Run& part : own) pointers.push_back(&part);
    for (std::size_t i = 0; i < kClassCount; ++i) out[host][i] = summarise_class(pointers, i);
  }
  return out;
}

}  // namespace

ArmSummary summarise_arm(const Arm& arm, const Load& load, const Runs& runs) {
  ArmSummary out;
  out.arm = arm;
  std::set<std::string> paths;
  for (const Run* run : runs) {
    out.runs.push_back(run->record);
    std::vector<SessionFigures> sessions;
    for (const EngineStats& engine : run->engines) {
      paths.insert(engine.path_used);
      sessions.insert(sessions.end(), engine.sessions.begin(), engine.sessions.end());
    }
    out.sessions.push_back(std::move(sessions));
  }
  out.hint_paths.assign(paths.begin(), paths.end());
  for (std::size_t i = 0; i < kRunFigures.size(); ++i)
    out.run_figures[i] = estimate_figure(runs, {std::nullopt, false, i, kRunFigures[i].unit});
  for (std::size_t i = 0; i < kClassCount; ++i) out.classes[i] = summarise_class(runs, i);
  out.hosts = summarise_hosts(runs);
  out.tunables = runs.front()->tunables;
  out.counters = sum_counters(runs);
  if (load.window_ms) {
    for (std::size_t i = 0; i < kClassCount; ++i) out.over_time[i] = windows_of(runs, load, i);
    for (const Phase& phase : load.phases) out.phases.push_back(phase_of(runs, load, phase));
  }
  out.samples = runs.front()->samples;
  out.collected = runs.front()->collected;
  for (const Run* run : runs)
    std::erase_if(out.collected, [&](const std::string& name) {
      return !std::binary_search(run->collected.begin(), run->collected.end(), name);
    });
  return out;
}

}  // namespace kairo::reports
