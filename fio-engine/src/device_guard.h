// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "kairo/base/result.h"

namespace kairo::engine {

// Where the kernel says who uses a block device; tests put a tree of their own there.
struct SystemPaths {
  std::filesystem::path sys_dev_block = "/sys/dev/block";
  std::filesystem::path mountinfo = "/proc/self/mountinfo";
};

// Who uses block device `device` ("8:0"): a mount point, a partition table, dm or md above it.
// Empty when nobody does. fio's own check reads /etc/mtab, sees neither partitions nor dm, and
// passes where that file is missing.
std::string device_user(std::string_view device, const SystemPaths& system = {});

// Refuses `path` when it is a block device in use. Anything else passes.
base::Status refuse_device_in_use(const std::string& path, const SystemPaths& system = {});

}  // namespace kairo::engine
