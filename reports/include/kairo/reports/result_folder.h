// SPDX-License-Identifier: GPL-2.0-only
// The result folder: what an experiment leaves behind and what a report is made from. The runner
// writes it with the functions below, `kairo report` reads it; docs/report-format.md is the prose.
//
//   DIR/experiment.json                          what was asked, on what, how to repeat it
//   DIR/runs/<load>/<arm>/<repeat>/              one run; <repeat> is 1, 2, ...
//       fio.json              fio's own json+ output, as fio wrote it            (required)
//       run.json              order, seed, virtual time; written last: a run without it did not
//                             finish                                              (required)
//       engine-<job>.json     the engine's sidecar of each job (kv_stats=)        (optional)
//       device.txt            `key value` lines of the device's stats, at the end (optional)
//       counters-before.txt   the scheduler's debugfs counters                    (optional)
//       counters-after.txt
//       tunables.txt          `key value` lines: scheduler, nr_requests, iosched/* (optional)
//       hist_clat_hist.N.log  fio's histogram log of its Nth job                 (optional)
//       samples/FILE          a debugfs file as it was every few ms              (optional)
//       collected/FILE        a debugfs file after the load                      (optional)
//   DIR/report.{json,md}, metrics.csv, plots/*.svg    written by `kairo report compare DIR`
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/arm.h"
#include "kairo/reports/rule.h"

namespace kairo::reports {

// The kernel that a run ran on, as far as it is known.
struct KernelId {
  std::string release;  // uname -r
  std::string build;    // base commit, series and config of the image
};

// A named part of a load's time, in seconds from its begin.
struct Phase {
  std::string name;
  double from_s = 0;
  double to_s = 0;
};

// What the system is loaded with.
struct Load {
  std::string name;         // `mix`, `trace`
  std::string kind;         // `synthetic` or `trace`
  std::string description;  // one line for the report
  std::string job_file;     // the fio job file, whole
  std::string job_sha256;
  // Facts of the workload file, when there is one: source, sha256, records, window ...
  TextMap workload = {};
  bool sample = false;                     // the workload is made from a generated trace
  std::optional<unsigned> repeats = {};    // when not the experiment's
  std::optional<unsigned> window_ms = {};  // of the histogram logs; absent: no figures over time
  std::vector<Phase> phases = {};          // need window_ms
};

enum class Better { kLower, kHigher };

// A figure to compare between arms. `name` is `<class>.<figure>` or a figure of the whole run:
//   <class>.p50_ns p90_ns p95_ns p99_ns p999_ns p9999_ns max_ns mean_ns ios bytes_per_s missed
//   utilisation virtual_ns_per_io cpu_busy
// A ratio closer to 1 than `margin` (0.02 = 2 %) is no difference, however sure it is.
struct Metric {
  std::string name;
  Better better = Better::kLower;
  double margin = 0.02;
};

// The metrics of an experiment that names none.
std::vector<Metric> default_metrics();

// experiment.json. The first load and the first metric are the primary ones: the report's answer
// is about them.
struct Experiment {
  std::string name;      // `01-decode-priority`
  std::string question;  // one sentence, ends in a question mark
  std::vector<Arm> arms;
  std::string base_arm;  // every other arm is compared with this one
  std::string device_name;
  TextMap device;  // profile keys: dies, page_kib, read_us ... as in the profile file
  std::vector<Load> loads;
  unsigned repeats = 0;              // runs planned per arm and load
  std::vector<std::uint64_t> seeds;  // of repeat 1, 2, ...; the same for every arm
  std::vector<Metric> metrics;
  std::vector<Rule> rules = {};
  std::string command;  // reproduces the folder, as a person would type it
  // kernel, series, config_sha256, cmdline, fio, engine_sha256, qemu, tool, ... Missing is n/a.
  TextMap environment;
  bool virtual_time = true;  // guest clock counts instructions: no absolute figures
  bool fixture = false;      // captured for tests: the report's title says FIXTURE
  bool complete = false;     // set by the runner when every planned run is there

  // Runs planned per arm of a load.
  [[nodiscard]] unsigned repeats_of(const Load& load) const {
    return load.repeats.value_or(repeats);
  }
};

// run.json.
struct RunRecord {
  std::string load;
  std::string arm;
  unsigned repeat = 0;  // 1, 2, ...
  unsigned order = 0;   // position in the whole campaign, from 1: shows drift
  std::uint64_t seed = 0;
  int fio_exit = 0;
  std::optional<std::uint64_t> virtual_ns;   // guest time that the load took
  std::optional<std::uint64_t> cpu_busy_ns;  // guest CPU time, all vCPUs, during the load
  std::optional<std::uint64_t> cpu_idle_ns;
  // Class by job and direction (`read`, `write`, `trim`) for jobs that run without the Kairo engine
  // and so without a sidecar: {"decoder": {"read": "decode"}}.
  std::map<std::string, TextMap> classes = {};
  // The monotonic clock when the load began: where the histogram logs and samples have their zero.
  std::optional<std::uint64_t> begin_ns = {};
  std::optional<KernelId> kernel = {};
};

// The text of experiment.json and run.json: sorted keys, two spaces, final newline.
std::string to_json_text(const Experiment& experiment);
std::string to_json_text(const RunRecord& run);

// The reverse. `source` is the file name for messages. Errors name the field and the remedy.
base::Result<Experiment> parse_experiment(std::string_view text, const std::string& source);
base::Result<RunRecord> parse_run(std::string_view text, const std::string& source);

// DIR/runs/<load>/<arm>/<repeat>
std::filesystem::path run_directory(const std::filesystem::path& root, std::string_view load,
                                    std::string_view arm, unsigned repeat);

// Load and arm names are folder names: 1 to 64 of A-Z a-z 0-9 . _ + -, not starting with a dot.
bool is_valid_name(std::string_view name);

// True when the run has its run.json, that is, it finished: a resumed experiment skips it.
bool run_is_finished(const std::filesystem::path& run_directory);

}  // namespace kairo::reports
