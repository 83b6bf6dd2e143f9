// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/experiments/definition.h"

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
  bool dry_run = false;  // print the plan, run and write nothing
  bool check = false;    // say what the inputs cannot show, and run nothing
  bool fresh = false;
  bool gate = false;
};

// The folders of the experiments that were asked for ("all" is every one). Refuses options that do
// not go together and a trace that nothing replays.
base::Result<std::vector<std::string>> check_request(const RunOptions& options);

// An experiment with what was asked for of it: its arms, loads, profile, repeats and seconds.
base::Result<Definition> read_definition(const RunOptions& options, const std::string& name);

// The command line that reproduces a result folder, without what only says where it goes. `profile`
// is named when the experiment has several.
std::string reproduce_command(const RunOptions& options, const Definition& definition,
                              const std::string& profile);

unsigned guests_of(const RunOptions& options);

}  // namespace kairo::experiments
