// SPDX-License-Identifier: GPL-2.0-only
// Devices on top of devices: where I/O is scheduled when it is not where it is given to.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kairo::inspect {

// See DeviceFacts.
struct Layers {
  std::string kind;
  std::string multipath_drive;
  std::string scheduled_by;
  std::vector<std::string> below;
};

// `name` is a folder of <sysfs>/block.
Layers read_layers(const std::filesystem::path& sysfs, const std::string& name);

}  // namespace kairo::inspect
