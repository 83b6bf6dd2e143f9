// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kairo::trace {

// What a file that begins so is, and what to do with it, when it is something known that no reader
// reads: "is an xz archive (unpack it: xz -dk FILE)".
std::optional<std::string_view> known_other(std::string_view begin);

}  // namespace kairo::trace
