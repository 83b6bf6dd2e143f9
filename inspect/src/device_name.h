// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "kairo/base/result.h"

namespace kairo::inspect {

// The folder below <sysfs>/block that a person means by `text`: "nvme0n1", "/dev/nvme0n1", the name
// of a device mapper's table ("vg0-kv"), and on this machine (`sysfs` is "/sys") any path that
// leads to the device, /dev/disk/by-id/... for one. A captured tree knows nothing of such links.
// Errors: kInput for a partition, a controller, what is no block device and what is not there, each
// with what to give instead.
base::Result<std::string> block_name(const std::filesystem::path& sysfs, std::string_view text);

}  // namespace kairo::inspect
