// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::mutants {

// Sources that the same tests are about; a number of mutants is drawn in each.
struct Area {
  std::string name;
  std::vector<std::string> files;
  std::vector<std::string> tests;  // programs: targets of CMake and names in ctest alike
  std::size_t draw = 0;
};

// A drawn change that no test can see, and why.
struct Equivalent {
  std::string file, before, after, reason;  // the lines without what they are indented by
};

// user.toml, and the patches beside it.
struct UserPlan {
  std::vector<Area> areas;
  std::vector<Equivalent> equivalents;
};

// A patch somebody wrote: its first lines are `Breaks: WORDS` and `Test: PROGRAM [TEST]`.
struct ChosenPatch {
  std::string name;
  std::string text;
  std::string breaks;
  std::string program;
  std::string test;  // one that must fail, as gtest names it; empty: any
};

// A switch in kernel/switches.patch.
struct KernelMutant {
  unsigned number = 0;
  bool drawn = false;
  std::string where, breaks;
  std::string program;     // of tests/: one that boots a guest, or simulator_switched_test
  std::string filter;      // --gtest_filter
  std::string equivalent;  // the reason; empty: it is none

  [[nodiscard]] bool boots() const { return program.starts_with("guest_"); }
};

// Errors name file and entry.
base::Result<UserPlan> read_user_plan(const std::filesystem::path& file);
base::Result<std::vector<ChosenPatch>> read_chosen_patches(const std::filesystem::path& folder);
base::Result<std::vector<KernelMutant>> read_kernel_plan(const std::filesystem::path& file);

}  // namespace kairo::mutants
