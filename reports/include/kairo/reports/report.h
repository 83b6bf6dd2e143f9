// SPDX-License-Identifier: GPL-2.0-only
// A comparison of arms, computed once from result folders; every output format is rendered from it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kairo/reports/metric.h"
#include "kairo/reports/rule.h"
#include "kairo/reports/run_data.h"
#include "kairo/reports/statistics.h"
#include "kairo/reports/verdict.h"

namespace kairo::reports {

// A figure over the runs of an arm. `runs` is by repeat and has a hole where a run lacks it.
struct Estimate {
  std::vector<std::optional<double>> runs;
  std::optional<double> median;  // over the runs that have it
  // In fio's last bin, which has no end, lies the median (then it has no interval), or the upper
  // end of the interval.
  bool at_least = false;
  bool high_at_least = false;
  std::optional<Interval> interval;  // 95 %, order statistics; needs 6 runs

  [[nodiscard]] std::vector<double> values() const;
  [[nodiscard]] bool complete() const;  // no holes, not empty
};

// Where a percentile comes from. Runs: the median of the runs' percentiles, when every run has the
// samples for it. Pooled: the percentile of all runs' samples together, when only they are enough;
// it has no interval and takes no part in tests.
enum class PercentileSource { kNone, kRuns, kPooled };

struct PercentileFigure {
  Estimate over_runs;            // holes where a run has too few samples
  std::optional<double> pooled;  // of the merged bins of all runs
  std::optional<double> value;
  bool at_least = false;  // `value` is the lower edge of fio's last bin, which has no end
  PercentileSource source = PercentileSource::kNone;
};

struct CurvePoint {
  double percent;  // share of samples at or below `ns`
  double ns;
};

struct ClassSummary {
  std::array<PercentileFigure, kPercentiles.size()> percentiles;
  std::array<Estimate, kClassFigures.size()> figures;
  std::uint64_t pooled_samples = 0;
  std::optional<double> longest_ns;  // over all runs
  std::optional<std::uint64_t> errors;
  std::optional<std::uint64_t> late;
  std::optional<double> achieved;  // issued / offered over all runs; open loop only
  std::vector<CurvePoint> curve;   // of the merged bins, from p1 to where ten lie beyond
};

// A window of a load's time, all runs of an arm together.
struct WindowFigures {
  double from_s = 0;  // from the begin of the load
  std::uint64_t ios = 0;
  std::array<std::optional<double>, kPercentiles.size()> percentiles;  // blank when too few
  std::optional<double> bytes_per_s;  // of one run; I/Os times the class's mean size
};

// The classes within a named phase: percentiles, ios and bytes_per_s over the windows that lie in
// it as a whole, by run as everywhere.
struct PhaseSummary {
  Phase phase;
  std::array<std::optional<ClassSummary>, kClassCount> classes;
};

using ClassSummaries = std::array<std::optional<ClassSummary>, kClassCount>;

struct ArmSummary {
  Arm arm;
  std::vector<RunRecord> runs;  // by repeat
  std::array<Estimate, kRunFigures.size()> run_figures;
  ClassSummaries classes;
  std::map<std::string, ClassSummaries> hosts;  // by fio server; empty on one machine
  TextMap tunables;                             // of the first run
  std::vector<std::string> hint_paths;          // kv_path that the engine used, sorted
  std::optional<CounterTable> counters;         // sums over the runs
  std::array<std::vector<WindowFigures>, kClassCount> over_time;  // empty without histogram logs
  std::vector<PhaseSummary> phases;
  std::map<std::string, SampledFile> samples;  // of the first run
  std::vector<std::string> collected;          // files kept of every run
  // By run: what its sessions felt; nothing without a replay.
  std::vector<std::vector<SessionFigures>> sessions;
};

// The release of the kernel that an arm ran on; empty when its runs do not say.
std::string kernel_release(const ArmSummary& arm);

// Both arms say which kernel they ran on, and it is not the same.
bool on_different_kernels(const ArmSummary& arm, const ArmSummary& other);

// The estimate behind a metric; an empty one when the arm never had the class.
Estimate metric_estimate(const ArmSummary& arm, const MetricName& name);

// What a table shows for a metric: the median over runs, or, for a percentile that single runs do
// not support, that of all runs' samples together. `classes` are an arm's or a phase's.
struct ShownValue {
  std::optional<double> value;
  bool pooled = false;
  bool at_least = false;
};
ShownValue shown_value(const ArmSummary& arm, const MetricName& name);
ShownValue shown_value(const std::array<std::optional<ClassSummary>, kClassCount>& classes,
                       const MetricName& name);

// Whether a number is what it says, or the true one lies beyond it.
enum class Bounded { kExact, kAtLeast, kAtMost };

// One metric of one arm against the base.
struct ComparisonRow {
  Metric metric;
  Estimate base;
  Estimate test;
  std::optional<double> ratio;        // test / base
  Bounded bounded = Bounded::kExact;  // what the ratio is when one of the medians is at_least
  std::optional<Interval> ratio_interval;
  std::optional<double> p;
  std::optional<double> p_holm;  // over the rows of this arm that have a p
  Verdict verdict = Verdict::kNotEnoughData;
};

// The ratio as people read it: `0.500`, `≥ 3.20`, `n/a`.
std::string ratio_text(const ComparisonRow& row);

struct Comparison {
  std::string arm;
  std::vector<ComparisonRow> rows;
};

struct LoadReport {
  Load load;
  std::vector<ArmSummary> arms;         // as in the experiment; arms without a run are absent
  std::vector<Comparison> comparisons;  // every arm but the base
  std::vector<RuleResult> rules;
  [[nodiscard]] const ArmSummary* find(std::string_view arm) const;
};

struct Report {
  std::string title;
  std::string question;
  std::string answer;
  std::vector<Reason> reasons;
  std::string experiment;
  std::string base_arm;
  std::vector<Metric> metrics;
  std::string device_name;
  TextMap device;
  TextMap environment;
  std::string command;
  std::string fio_version;
  bool fixture = false;
  bool virtual_time = true;
  std::vector<LoadReport> loads;
  std::vector<CostProfile> cost;    // of runs of their own
  std::vector<std::string> limits;  // what the report does not show
};

// Puts several folders side by side as one. Arms that several have get the folder's name in front
// (`before:kairo`); loads are matched by name and must have the same job file. `reasons` receives
// what differs between the folders. The first folder's question, metrics and base arm hold.
base::Result<ResultFolder> merge_folders(std::vector<ResultFolder> folders,
                                         std::vector<Reason>& reasons);

// `base_arm` overrides the experiment's when not empty. `reasons` are those already known.
base::Result<Report> build_report(const ResultFolder& folder, const std::string& base_arm,
                                  std::vector<Reason> reasons = {});

// The reasons to doubt a folder's runs (validity.cc).
std::vector<Reason> find_reasons(const ResultFolder& folder, const std::vector<LoadReport>& loads);

// Those of a load that come from the kernels its arms ran on: a note where there are several, and
// more than a doubt where one arm's runs had several.
std::vector<Reason> kernel_reasons(const LoadReport& load);

// The formats. Same report, same bytes.
std::string to_report_json(const Report& report);
std::string to_markdown(const Report& report);
std::string to_csv(const Report& report);
std::string to_curves_csv(const Report& report);
std::string to_windows_csv(const Report& report);   // figures over time; only a header without any
std::string to_sessions_csv(const Report& report);  // a line per run and session
std::string to_gnuplot(const Report& report);       // draws these files

std::string to_env_json(const Report& report);  // where it was measured and how it was set up

// `sha256sum -c` lines of every file that the folders hold as input, relative to `out`.
base::Result<std::string> inputs_sha256(const std::vector<std::filesystem::path>& folders,
                                        const std::filesystem::path& out);

// Where in a report a plot stands: beside the tables of its load, or with what its load cost.
enum class PlotPlace { kLoad, kCost };

struct Plot {
  std::string load;
  PlotPlace place = PlotPlace::kLoad;
  std::string file;  // relative to the report: `plots/mix-decode-latency.svg`
  std::string title;
  std::string svg;
};

std::vector<Plot> to_plots(const Report& report);

// What a gate asks: VALID, and every rule passes. Empty when so, else the first objection.
std::string gate_objection(const Report& report);

// What a terminal shows of a report in `out`: the answer, the validity with its reasons, and where
// the rest is.
std::string to_terminal_text(const Report& report, const std::filesystem::path& out, bool html);

// Reads the folders, writes report.json, report.md, metrics.csv, curves.csv, windows.csv,
// sessions.csv, report.gp and plots/ to `out` and returns the report. With `html` report.html too:
// one file with the plots inside.
base::Result<Report> compare_folders(const std::vector<std::filesystem::path>& folders,
                                     const std::string& base_arm, const std::filesystem::path& out,
                                     bool html = false);

}  // namespace kairo::reports
