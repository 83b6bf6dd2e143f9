// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::kernel {

// What KUnit reports in KTAP (Documentation/dev-tools/ktap.rst). Suites are not counted, only the
// cases in them.
struct KtapResult {
  std::size_t passed = 0;
  std::size_t skipped = 0;
  std::vector<std::string> failed;  // "suite.case", in the order of the text
};

// Reads KTAP text, for example /sys/kernel/debug/kunit/<suite>/results; diagnostic lines are passed
// over. Refuses text without results and text in which a plan ("1..9") is not met: a suite that
// crashed half-way has passed nothing.
base::Result<KtapResult> parse_ktap(std::string_view text, std::string_view name);

}  // namespace kairo::kernel
