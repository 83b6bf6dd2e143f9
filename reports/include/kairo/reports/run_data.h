// SPDX-License-Identifier: GPL-2.0-only
// What one run measured, and a whole result folder of them.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/cost_profile.h"
#include "kairo/reports/engine_stats.h"
#include "kairo/reports/fio_json.h"
#include "kairo/reports/io_class.h"
#include "kairo/reports/metric.h"
#include "kairo/reports/result_folder.h"
#include "kairo/reports/time_series.h"

namespace kairo::reports {

// One class of one run, merged over its jobs and directions.
struct ClassResult {
  Histogram latency;
  // I/Os that fio counted and put in no bin, and those of them whose latency it did not measure.
  std::uint64_t unbinned = 0;
  std::uint64_t unmeasured = 0;
  std::string no_latency;  // why: `fio ran with gtod_reduce=1`
  std::uint64_t min_ns = 0;
  std::uint64_t max_ns = 0;
  double mean_ns = 0;
  std::optional<std::uint64_t> bytes;  // unknown when fio mixed classes and there is no sidecar
  std::uint64_t runtime_ms = 0;        // of the longest job with this class
  std::optional<std::uint64_t> errors;
  std::optional<std::uint64_t> late;
  // Of jobs that gave the class a deadline: I/Os, and those that took longer. Since the job began.
  std::optional<std::uint64_t> with_deadline;
  std::optional<std::uint64_t> missed;
  // Open loop, when every job of the class carries only this class: arrivals due and issued.
  std::optional<std::uint64_t> offered_ios;
  std::optional<std::uint64_t> issued_ios;

  [[nodiscard]] std::uint64_t ios() const { return latency.count() + unbinned; }
};

using ClassResults = std::array<std::optional<ClassResult>, kClassCount>;

// Counter by class and column, as the scheduler names them.
using CounterTable = std::map<std::string, std::map<std::string, std::uint64_t>>;

// A line of a histogram log that belongs to one class. `end_s` counts from the begin of the load.
struct ClassWindow {
  IoClass io_class = IoClass::kNormal;
  std::size_t job = 0;  // fio's Nth
  double end_s = 0;
  HistWindow window;
};

struct Run {
  RunRecord record;
  std::string fio_version;
  ClassResults classes;
  std::map<std::string, ClassResults> hosts;  // the same by fio server; empty on one machine
  std::uint64_t ios = 0;                      // all classes
  bool ramped = false;        // some job has a ramp_time: sidecars count more than fio measured
  std::size_t job_names = 0;  // jobs of different names
  std::optional<std::uint64_t> context_switches;  // of all jobs, voluntary or not
  std::optional<double> user_ns;                  // CPU time of all jobs
  std::optional<double> system_ns;
  std::uint64_t job_errors = 0;  // jobs that ended with an error
  std::uint64_t short_ios = 0;
  std::uint64_t drop_ios = 0;
  std::vector<EngineStats> engines;
  TextMap device;                              // device.txt
  std::optional<std::uint64_t> dies;           // of the drive it ran on, from experiment.json
  TextMap tunables;                            // tunables.txt
  std::optional<CounterTable> counters;        // after minus before
  std::vector<ClassWindow> windows;            // by job and time; empty without histogram logs
  std::map<std::string, SampledFile> samples;  // by the name of the debugfs file
  std::vector<std::string> collected;          // names of the debugfs files kept, sorted
};

// Reads DIR/runs/<load>/<arm>/<repeat>. A required file that is missing, or any file that is not
// what it should be, is an error.
base::Result<Run> read_run(const std::filesystem::path& directory);

struct ResultFolder {
  std::filesystem::path root;
  Experiment experiment;
  std::vector<Run> runs;             // by load, arm (both in the experiment's order) and repeat
  std::vector<CostProfile> cost;     // of runs of their own, by load and arm
  std::vector<std::string> missing;  // planned runs that did not finish: `mix/kairo/3`
};

// Reads DIR. Refuses a folder whose runs are not the experiment's or come from several fio
// versions; runs that are missing are listed, not refused.
base::Result<ResultFolder> read_result_folder(const std::filesystem::path& directory);

// A figure of a run; nullopt when it was not measured or has too few samples. By name
// (`decode.p99_ns`) it must be one: see metric_of().
std::optional<double> figure(const Run& run, const MetricName& name);
std::optional<double> figure(const Run& run, std::string_view metric);

// `key value` lines; the value is the rest of the line.
base::Result<TextMap> parse_key_values(std::string_view text, const std::string& source);

// The same for tunables, whose files in sysfs may have several lines: a line that begins with a
// blank, or whose first word ends in a colon as no name in sysfs does, goes on with the value
// before it. The lines of a value are joined by a newline.
base::Result<TextMap> parse_tunables(std::string_view text, const std::string& source);

// The reverse: `key value`, further lines of the value indented by a tab.
std::string to_tunables_text(const TextMap& tunables);

// The scheduler's counters: a header line that starts with `class`, then a line per class.
base::Result<CounterTable> parse_counters(std::string_view text, const std::string& source);

}  // namespace kairo::reports
