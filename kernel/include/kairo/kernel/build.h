// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "kairo/base/result.h"

namespace kairo::kernel {

// The bzImage that `kairo kernel build` left for "lab", "debug" or "base". Refuses an unknown name
// (kUsage) and a kernel that is not built (kUnavailable), saying how to build it.
base::Result<std::filesystem::path> built_image(std::string_view config);

}  // namespace kairo::kernel
