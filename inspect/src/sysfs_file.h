// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kairo::inspect {

// The first line of a file without blanks at its ends; nothing when it cannot be read.
std::optional<std::string> read_sysfs_line(const std::filesystem::path& file);

// "none [kairo] bfq" -> none, kairo, bfq
std::vector<std::string> offered(std::string_view line);

// Whether a scheduler line has anything to choose from. That of a device which takes I/O without
// requests has not: it says "none", and the kernel takes any other value and does nothing.
bool offers_choice(std::string_view line);

}  // namespace kairo::inspect
