// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

// A test that cannot run here skips and says why: with GTEST_SKIP(), or, where that is so for all
// of its program, with skip_program(). KAIRO_NO_SKIP in the environment makes either a failure: it
// is set where everything that a test needs was installed and built, so that a test which skips
// would be one that nobody runs.
namespace kairo::test_support {

// At the beginning of the reason of a skip that no package and no build helps against: another
// kernel of the machine, a sanitizer. Such a skip stays one.
inline constexpr std::string_view kCannotBeHere = "cannot be here: ";

// Whether a skip for this reason is a failure.
[[nodiscard]] bool skip_fails(std::string_view reason);

// Ends the program: with status 77, which ctest knows as a skip, or 1 where the skip is a failure.
// Destroys nothing, as tests may call it in the middle.
[[noreturn]] void skip_program(const std::string& reason);

}  // namespace kairo::test_support
