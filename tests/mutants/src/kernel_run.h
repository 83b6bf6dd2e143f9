// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>

#include "kairo/base/result.h"

namespace kairo::mutants {

struct KernelRequest {
  std::filesystem::path build;   // of this checkout, with its guest tests
  std::filesystem::path folder;  // tests/mutants: kernel/mutants.toml, kernel/switches.patch
  std::filesystem::path out;
  std::string only = {};  // numbers with commas between them; empty: all
  bool resume = false;
  bool build_only = false;
  unsigned jobs = 2;
};

// Builds the image with all switches, unless the cache has it, and boots the named guest test with
// each of them on. Returns the exit status.
base::Result<int> run_kernel_mutants(const KernelRequest& request);

}  // namespace kairo::mutants
