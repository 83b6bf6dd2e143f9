// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>

#include "kairo/base/block_device.h"
#include "kairo/base/result.h"

namespace kairo::engine {

// Refuses to write `path` when it is a drive that somebody uses or that holds something, or a file
// under a loop device; the message names what would be lost and the option that allows it. fio's
// own check reads /etc/mtab, sees neither partitions nor dm, and passes where that file is missing.
// Of the lab's drives (kssd0) the content is not read: they are made empty for the run, and the
// read would be a part of what is measured.
base::Status refuse_device_in_use(const std::string& path, const base::SystemPaths& system = {});

// Refuses what is in the file system of `dev` and is no device: fio makes a regular file of a
// drive that is not there, and measures memory.
base::Status refuse_file_among_devices(const std::string& path,
                                       const std::filesystem::path& dev = "/dev");

}  // namespace kairo::engine
