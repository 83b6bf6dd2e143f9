// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

#include "kairo/base/result.h"

namespace kairo::mutants {

struct TestRun {
  bool passed = false;
  bool timed_out = false;
  std::string failed;  // the tests, or what else ended the program
  double seconds = 0;
};

struct TestCommand {
  std::filesystem::path build;  // where CMake built it: below tests/ there
  std::string program;
  std::string filter;  // --gtest_filter; empty: all tests
  std::map<std::string, std::string> environment = {};
  std::chrono::seconds limit{120};
};

// Runs a GoogleTest program. Its memory is limited: a mutant may well fill a container for ever. An
// Error: it is not built, matches no test, or skips.
base::Result<TestRun> run_tests(const TestCommand& command);

}  // namespace kairo::mutants
