// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kairo/kernel/guest.h"

namespace kairo::kernel {

// Where things are in the initramfs.
inline constexpr std::string_view kGuestBusybox = "/bin/busybox";
inline constexpr std::string_view kGuestScript = "/kairo/script";
inline constexpr std::string_view kGuestExtra = "/kairo/extra";      // files for the shared root
inline constexpr std::string_view kGuestModules = "/kairo/modules";  // and `order`, their names

// Names of the 9p shares.
inline constexpr std::string_view kOutTag = "kairo_out";
inline constexpr std::string_view kRootTag = "kairo_root";

// The init script of one run. Its messages to the host are alert-level lines in the kernel log:
// "kairo-guest: ready" when the script is about to start, "kairo-guest: exit N" at the end and
// "kairo-guest: out failed" when /out could not be handed over.
// With modules the names in `order` are loaded first; one that does not load ends the guest.
std::string init_script(const GuestSpec& spec, bool has_modules = false);

// What the console says so far.
bool guest_is_ready(std::string_view console);
bool guest_out_failed(std::string_view console);
std::optional<int> guest_exit_code(std::string_view console);

}  // namespace kairo::kernel
