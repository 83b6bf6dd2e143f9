// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "merge_plan.h"
#include "merge_scheduler.h"

namespace kairo::testing {

struct FuzzOptions {
  std::string device;  // all that is in the first `area_mib` of it is lost
  std::uint64_t seed = 1;
  std::uint64_t ios = 5000;
  unsigned round = 128;  // I/Os in flight at most
  unsigned area_mib = 16;
  bool kairo = true;  // its counters are there; without, the data is all that is checked
  Geometry geometry;
  Changes::Kinds changes;
};

// key=value words: device, seed, ios, round, area_mib, block, most_bytes, memory_bytes,
// threads, discards, async_discards, hints, kairo, tunables, depth, scheduler.
FuzzOptions parse_fuzz_options(const std::vector<std::string>& words);

// Random I/O that may merge while the scheduler is changed. After each round the device is idle:
// its data must be what was written, the scheduler's lists and budgets empty, and its counters
// those of the I/O. Whatever is wrong ends the program. Prints the seed first and what was reached
// last.
void merge_fuzz(const FuzzOptions& options);

}  // namespace kairo::testing
