// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

namespace kairo::engine {

// A line for the user: `text` behind "kairo: " on standard error, and nowhere else. fio's log_err()
// also writes it into the file of --output, where what it comes before is no JSON any more.
void notice(std::string_view text);

}  // namespace kairo::engine
