// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "kairo/base/result.h"

namespace kairo::kernel {

// Calibrating the local APIC timer is a busy loop of 100 ms with `pause` in it, which costs QEMU
// under -icount 80 % of a whole boot. QEMU's APIC runs at exactly 1 GHz, so the loop can only find
// what is known. The kernel skips it when `lapic_timer_period` is set already, as on hypervisors
// that report it; here QEMU's gdb port sets it when the kernel enters setup_boot_APIC_clock().
struct BootShortcut {
  std::uint64_t stop_at = 0;   // address of setup_boot_APIC_clock
  std::uint64_t variable = 0;  // address of lapic_timer_period
  std::uint32_t value = 0;     // APIC clock cycles per tick
};

// From the System.map and .config of the build that `image` (.../arch/x86/boot/bzImage) is part of,
// or is a copy of when that build is in the cache; nothing when they are not there or not as
// expected: the boot then takes longer.
std::optional<BootShortcut> find_boot_shortcut(const std::filesystem::path& image);

// Lets a QEMU that was started with `-S -gdb unix:<socket>` run, takes the shortcut and detaches.
// The guest does not notice the pause: its clock stands still. `boot_limit` is for the way to the
// stop.
base::Status take_boot_shortcut(const BootShortcut& shortcut, const std::filesystem::path& socket,
                                std::chrono::milliseconds boot_limit);

}  // namespace kairo::kernel
