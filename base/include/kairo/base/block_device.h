// SPDX-License-Identifier: GPL-2.0-only
// A drive as a person names it, found.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "kairo/base/result.h"

namespace kairo::base {

// Where the kernel tells about drives; tests put trees of their own there.
struct SystemPaths {
  std::filesystem::path sys = "/sys";
  std::filesystem::path proc = "/proc";
};

struct BlockDevice {
  std::string path;  // of its file, links resolved: /dev/nvme1n1
  std::string name;  // the kernel's: nvme1n1
  dev_t number = 0;
  std::filesystem::path sys;  // its folder below /sys/devices
  // Of a partition the folder of the drive it is on, else empty.
  std::filesystem::path disk = {};
};

// Finds the drive or partition that `path` names: its file, or any symbolic link to it as those of
// /dev/disk/by-id. Refused, each with the reason: what is not there, what is no block device, what
// the kernel does not list, and the hidden path of a multipath drive, with the drive's own name.
Result<BlockDevice> find_block_device(const std::filesystem::path& path,
                                      const SystemPaths& system = {});

// The drive of number `number`, whose file is `path`.
Result<BlockDevice> block_device_of(dev_t number, const std::filesystem::path& path,
                                    const SystemPaths& system = {});

}  // namespace kairo::base
