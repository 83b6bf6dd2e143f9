// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/experiments/definition.h"
#include "kairo/experiments/job_file.h"
#include "kairo/experiments/profile.h"
#include "kairo/hint.hpp"

namespace kairo::experiments {

// What watches fio in a run of its own, whose latencies are not the measured ones.
enum class CostProbe {
  kNone,
  kStat,   // perf stat: perf-stat.csv
  kCalls,  // strace -c: strace.txt
  kStacks  // perf record: stacks.folded
};

// What to run and with what. Paths are the host's.
struct Campaign {
  Definition definition;
  DeviceProfile profile;
  std::string profile_stem;  // what rules call it
  std::vector<JobOverride> overrides;
  std::map<std::string, std::filesystem::path> kernel_images;  // by reports::Arm::kernel
  std::filesystem::path engine;                                // kairo.so
  std::filesystem::path fio;
  std::filesystem::path sampler = {};   // kairo-sampler; needed when a load samples files
  std::filesystem::path bpftrace = {};  // needed when an arm has a script attached
  std::filesystem::path out_dir;        // the result folder
  // Workload file by load name, for the loads that replay one, with facts for the report.
  struct Workload {
    std::filesystem::path file;
    reports::TextMap facts;
    bool sample = false;
    std::array<std::uint64_t, hint::kClasses> ios = {};
    std::uint64_t duration_ns = 0;
  };
  std::map<std::string, Workload> workloads = {};
  reports::TextMap environment = {};  // what the host knows; the guest's facts are added
  std::string command;                // reproduces the folder
  CostProbe probe = CostProbe::kNone;
  unsigned parallel_guests = 1;  // virtual time makes guests immune to each other
};

// Called from several threads, one call at a time: a run has begun. `started` of `total`.
struct Progress {
  unsigned started = 0;
  unsigned total = 0;
  std::string what;  // "mix kairo, repeat 3"
};
using OnProgress = std::function<void(const Progress&)>;

// Boots one guest per repeat and kernel; in it every load meets every arm of that kernel, in an
// order drawn from the repeat's seed, on a device made anew for each run. Writes the result folder
// that docs/report-format.md describes. A repeat that is finished in the folder is not repeated; a
// folder that holds another experiment is refused. experiment.json says `complete` only when every
// run is there.
base::Status run_campaign(const Campaign& campaign, const OnProgress& on_progress);

}  // namespace kairo::experiments
