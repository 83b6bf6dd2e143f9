// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "guest_lab.h"

namespace kairo::testing {

// lab_guest() with merge_probe on board: `merge_probe SCENARIO DEVICE` in its script runs it and
// fails the test with what it says. Two processors, so that submission, dispatch and completion
// meet.
kernel::GuestSpec merge_guest(const std::string& config = "lab");

// Fuzzes /dev/kssd0, made with `device` (attributes of make_device), with `options` of merge_probe.
// KAIRO_FUZZ_SEED, KAIRO_FUZZ_IOS and KAIRO_FUZZ_ACCEL (icount, tcg, kvm) in the environment
// replace `seed`, `ios` and virtual time. Returns what the program printed.
struct FuzzRun {
  std::uint64_t seed = 1;
  std::uint64_t ios = 0;
  std::string device = "hw_queues=2 tags=8 dies=2 read_us=20 program_us=40 discard_us=10";
  std::string options = "";
  std::string config = "lab";
};
std::string fuzz_merges(const FuzzRun& run);

}  // namespace kairo::testing
