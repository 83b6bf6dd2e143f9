// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/experiments/job_file.h"
#include "kairo/reports/result_folder.h"

namespace kairo::experiments {

// A file of /sys/kernel/debug/block/DEV that is read every few milliseconds during a load.
struct SampleDefinition {
  std::string file;  // "sched/budgets"
  unsigned every_ms = 0;
};

// A trace that is made when it is needed (trace::make_sample()).
struct GeneratedTrace {
  unsigned requests = 0;
  unsigned seed = 1;

  // As a command, to see it.
  [[nodiscard]] std::string command() const;
};

// A load of an experiment: a fio job file and what fills its variables.
struct LoadDefinition {
  std::string name;
  std::string description;
  std::filesystem::path job;  // absolute
  // Open-loop rates as a share of the device's read capacity, so that one job fits any profile.
  double decode_share = 0;
  double prefetch_share = 0;
  // The LLM trace or workload file that the job replays (${KAIRO_TRACE}); empty: none.
  std::filesystem::path trace;
  std::optional<GeneratedTrace> generated = {};  // instead of `trace`
  std::optional<unsigned> repeats = {};          // when not the experiment's
  std::optional<unsigned> seconds = {};
  std::optional<unsigned> window_ms = {};  // of fio's histogram logs; absent: none are written
  std::vector<reports::Phase> phases = {};
  std::vector<SampleDefinition> samples = {};

  [[nodiscard]] bool replays() const { return !trace.empty() || generated.has_value(); }
};

// A pass rule and the device profiles that it is about; none named: every one.
struct RuleDefinition {
  reports::Rule rule;
  std::vector<std::string> profiles = {};  // by file stem
};

// experiments/NN-slug/experiment.toml (docs/experiments.md has every key).
struct Definition {
  std::string name;  // the folder's name
  std::filesystem::path directory;
  std::string question;
  std::string base_arm;
  std::vector<std::filesystem::path> profiles;  // at least one; results are kept apart
  unsigned repeats = 0;
  std::uint64_t seed = 1;
  unsigned seconds = 0;  // guest seconds of load per run
  std::vector<reports::Arm> arms;
  // Changes to the job files, by arm: what an arm needs to be seen at its best.
  std::map<std::string, std::vector<JobOverride>> arm_overrides;
  std::vector<LoadDefinition> loads;
  std::vector<reports::Metric> metrics;
  std::vector<RuleDefinition> rules = {};
  // Files of /sys/kernel/debug/block/DEV kept as they are after each run.
  std::vector<std::string> collect = {};

  [[nodiscard]] unsigned repeats_of(const LoadDefinition& load) const {
    return load.repeats.value_or(repeats);
  }
  [[nodiscard]] unsigned seconds_of(const LoadDefinition& load) const {
    return load.seconds.value_or(seconds);
  }
};

// reports::Arm::kernel: the lab's kernel with the series, the base image
// (`kairo kernel build --base`), and Debian's own with the scheduler as a module
// (`kairo kernel build --config stock`).
inline constexpr std::string_view kPatchedKernel;
inline constexpr std::string_view kBaseKernel = "base";
inline constexpr std::string_view kStockKernel = "stock";

// Where there is one kernel, all arms run on it. False when they did anyway.
bool use_one_kernel(Definition& definition);

// The folder that holds the bpftrace scripts of this installation.
std::filesystem::path tracing_dir();

// The folder that holds the experiments and profiles of this installation.
std::filesystem::path experiments_dir();

// Reads and checks a definition. Every error names file, line and key.
base::Result<Definition> load_definition(const std::filesystem::path& directory);

// "01-decode-priority" -> "decode-priority"; a name without a number stays.
std::string without_number(const std::string& folder);

// The folder called `name`, with its number or without ("decode-priority"), or the only one whose
// name starts with it ("01"). Lists what there is when none or several fit, with the nearest.
base::Result<std::filesystem::path> find_experiment(const std::filesystem::path& root,
                                                    std::string_view name);

// Every folder below `root` with an experiment.toml, sorted.
std::vector<std::filesystem::path> list_experiments(const std::filesystem::path& root);

// Keeps the arms named in `names` (and the base arm when it is among them, else the first becomes
// the base). Unknown names are refused and the known ones listed.
base::Status select_arms(Definition& definition, const std::vector<std::string>& names);

// The same for loads.
base::Status select_loads(Definition& definition, const std::vector<std::string>& names);

// The profile `name`: a file, or the stem of one in experiments/profiles ("qlc-3die"). Lists those
// when it is neither, with the nearest.
base::Result<std::filesystem::path> find_profile(const std::string& name);

// Runs on that one profile.
base::Status select_profile(Definition& definition, const std::string& name);

// Replaces the number of runs or the seconds of every load, those with their own too.
void set_repeats(Definition& definition, unsigned repeats);
void set_seconds(Definition& definition, unsigned seconds);

}  // namespace kairo::experiments
