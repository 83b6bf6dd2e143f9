// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace kairo::engine {

// For hipri, with the name of the file.
inline constexpr const char* kNothingPolls =
    "hipri: nothing polls for completions of {} (use a drive with poll queues, an NVMe drive has "
    "them with nvme.poll_queues=N on the kernel's command line, or leave hipri out)";

// Whether completions of `path`, a file or block device, can be polled for: queue/io_poll of its
// drive. nullopt when the system does not say, as for a file that is not there yet or a file system
// of no one drive.
std::optional<bool> can_poll(const std::string& path,
                             const std::filesystem::path& sys_dev_block = "/sys/dev/block");

}  // namespace kairo::engine
