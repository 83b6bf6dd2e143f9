// SPDX-License-Identifier: GPL-2.0-only
// What speaks against overwriting a drive. It says what is wrong; the remedy depends on the command
// and is the caller's.
#pragma once

#include <string>
#include <vector>

#include "kairo/base/block_device.h"

namespace kairo::base {

struct DeviceUse {
  enum class Kind {
    kMounted,    // "mounted on /srv/data"
    kSwap,       // "in use as swap"
    kHeld,       // "held by dm-3 (LVM volume vg-data)": dm, md, multipath, loop, anything exclusive
    kPartition,  // "partitioned (sda1, sda2)"
    kContent,    // "an ext4 file system (label "data")": nobody uses it now
  };
  Kind kind = Kind::kContent;
  std::string what;  // completes "the drive is ..." or, of kContent, "it holds ..."
};

// What would be destroyed or disturbed, the worst first; nothing for a drive that is free. What
// cannot be read may hide a use, so it is an Error and never "free". The drive's partitions, the
// drive of a partition and what a loop device stands on are looked at like the drive itself.
Result<std::vector<DeviceUse>> device_uses(const BlockDevice& device,
                                           const SystemPaths& system = {});

// The three parts of device_uses(): what the kernel lists; whether the kernel gives the drive to
// one user alone, which it refuses while a mount of any namespace, md, dm or swap has it; and the
// signatures that are on it, which reads from the drive.
Result<std::vector<DeviceUse>> listed_uses(const BlockDevice& device, const SystemPaths& system);
Result<std::vector<DeviceUse>> exclusive_uses(const std::string& path);
Result<std::vector<DeviceUse>> content_uses(const std::string& path);

// The loop devices that read and write a regular file: what is written beside them breaks their
// file system.
Result<std::vector<DeviceUse>> file_uses(const std::filesystem::path& file,
                                         const SystemPaths& system = {});

// "mounted on /srv/data; holds an ext4 file system": of at least one use.
std::string describe(const std::vector<DeviceUse>& uses);

}  // namespace kairo::base
