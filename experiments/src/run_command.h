// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::experiments {

// What `kairo experiment run` was asked for.
struct RunOptions {
  std::vector<std::string> names;  // experiments, or the start of their names, or "all"
  std::string profile;
  std::vector<std::string> arms;
  std::vector<std::string> loads;
  std::vector<std::string> sets;
  std::string trace;
  std::string out;
  std::string kernel;
  bool one_kernel = false;  // arms of the base image run on the patched kernel, too
  std::string target = "vm";
  std::string device;              // of --target host
  std::vector<std::string> hosts;  // NAME[:PORT] of --target hosts
  std::string engine;              // kairo.so on those hosts
  std::vector<std::string> cost;   // probes, each in a run of its own per load and arm
  std::string overwrite;           // the same device again: what is on it will be lost
  unsigned repeats = 0;
  unsigned seconds = 0;
  unsigned guests = 0;
  bool check = false;  // say what the inputs cannot show, and run nothing
  bool fresh = false;
  bool gate = false;
};

// Runs what was asked for and writes its reports. Several experiments go to a folder each below
// `out`; the first error ends an experiment, the others still run. After "all" `out`/all has
// verdicts.{md,html}.
base::Status run_experiments(const RunOptions& options);

// Says which runs of a result folder are there, makes its report from them, and fails with kShort
// when some are missing.
base::Status collect_results(const std::filesystem::path& directory);

}  // namespace kairo::experiments
