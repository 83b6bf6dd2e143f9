// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "kairo/base/result.h"

namespace kairo::mutants {

struct UserRequest {
  std::filesystem::path source;  // the checkout; what is not committed there is not looked at
  std::filesystem::path folder;  // tests/mutants there: user.toml, user/*.patch
  std::filesystem::path out;
  std::uint64_t seed = 1;
  std::string only = {};  // areas and patches whose name has this in it; empty: all
  bool resume = false;
  unsigned jobs = 2;
};

// Tries each mutant in a copy of the checkout in the cache. Returns the exit status.
base::Result<int> run_user_mutants(const UserRequest& request);

}  // namespace kairo::mutants
