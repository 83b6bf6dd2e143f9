// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::kernel {

// Symbol to value: "y", "m", a number or a quoted string; "n" for "is not set".
using KernelConfig = std::map<std::string, std::string>;

// Reads a .config or a fragment: the last mention of a symbol counts. Refuses a line that is
// neither a setting nor a comment, naming `name` and the line.
base::Result<KernelConfig> parse_config(std::string_view text, std::string_view name);

// What was asked for and is not so in `final`: one "CONFIG_X: asked for y, is not set" each. A
// symbol that `final` does not mention is not set.
std::vector<std::string> unmet_requests(const KernelConfig& asked, const KernelConfig& final);

// Symbols a patch text introduces ("+config NAME"), as "CONFIG_NAME".
std::set<std::string> added_symbols(std::string_view patch);

}  // namespace kairo::kernel
