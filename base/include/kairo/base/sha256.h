// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "kairo/base/result.h"

namespace kairo::base {

// Lower-case hexadecimal SHA-256.
std::string sha256(std::string_view data);
Result<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace kairo::base
