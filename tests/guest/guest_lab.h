// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "kairo/kernel/guest.h"

// What the tests that boot the patched kernel share. They need the lab kernel (`kairo kernel
// build`), fio and the engine; without one of them the program ends with 77 and says which.
namespace kairo::testing {

// The built lab kernel and programs, with fio and the engine on board. Ends the program with status
// 77 when something is missing.
kernel::GuestSpec lab_guest();

// Where kairo.so is in the guest.
std::string engine_path();

// Boots and fails the test (with the guest's words) unless the script succeeded and the kernel log
// is clean.
kernel::GuestResult boot_ok(const kernel::GuestSpec& spec);

// Shell functions for scripts: make_device [attribute=value ...] creates /dev/kssd0, use_scheduler
// NAME selects and verifies.
extern const char* const kLabFunctions;

// The scheduler's debugfs counters: value by "class column", for example "decode queued".
std::map<std::string, std::uint64_t> parse_counters(const std::string& text);

}  // namespace kairo::testing
