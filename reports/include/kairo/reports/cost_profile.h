// SPDX-License-Identifier: GPL-2.0-only
// What fio's runs cost, watched by perf or strace. Watching takes time itself, so this comes from
// runs of their own, which are never among the measured ones:
//
//   DIR/cost/stat/runs/<load>/<arm>/1/perf-stat.csv     perf stat -x,
//   DIR/cost/calls/runs/<load>/<arm>/1/strace.txt       strace -c
//   DIR/cost/stacks/runs/<load>/<arm>/1/stacks.folded   a stack and its samples in a line
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::reports {

// Count by name: perf's events, or system calls.
using Counts = std::map<std::string, std::uint64_t>;

struct CostProfile {
  std::string load;
  std::string arm;
  // Per I/O of all classes, of the run that was watched. An event the machine does not count is
  // absent.
  std::map<std::string, double> events_per_io;
  std::map<std::string, double> calls_per_io;  // every system call of fio, start and end too
  std::string folded;                          // empty: no stacks
};

// perf's own output with -x, : `<not supported>` and `<not counted>` are left out, times in ms
// become ns.
base::Result<Counts> parse_perf_stat(std::string_view text, const std::string& source);

// The table of strace -c, without its total.
base::Result<Counts> parse_strace(std::string_view text, const std::string& source);

// `perf script -F comm,ip,sym,dso` as folded stacks, a line `command;outer;inner COUNT` each,
// sorted. Kernel functions end in `_[k]`, a row of unknown ones is one. Samples of an idle
// processor are left out.
base::Result<std::string> fold_stacks(std::string_view text, const std::string& source);

// Folded stacks as Counts. Refused: a line without a count.
base::Result<Counts> parse_folded(std::string_view text, const std::string& source);

// A flame graph: width is the share of samples, upwards is inwards. Kernel and user have colours of
// their own; names that do not fit are in the boxes' tool tips. Empty for no samples.
std::string flame_svg(const Counts& stacks, const std::string& title);

// Everything below DIR/cost; nothing when there is none.
base::Result<std::vector<CostProfile>> read_cost_profiles(const std::filesystem::path& directory);

}  // namespace kairo::reports
