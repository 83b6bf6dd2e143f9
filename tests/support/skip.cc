// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/test_support/skip.h"

#include <cstdio>
#include <cstdlib>

namespace kairo::test_support {

bool skip_fails(std::string_view reason) {
  return std::getenv("KAIRO_NO_SKIP") != nullptr &&
         reason.find(kCannotBeHere) == std::string_view::npos;
}

void skip_program(const std::string& reason) {
  const bool fails = skip_fails(reason);
  std::printf("%s: %s\n", fails ? "FAILED (KAIRO_NO_SKIP)" : "SKIPPED", reason.c_str());
  std::fflush(stdout);
  std::_Exit(fails ? 1 : 77);
}

}  // namespace kairo::test_support
