// SPDX-License-Identifier: GPL-2.0-only
// What was done with the series on which base, as the commands themselves noted it. A step is a
// file in ${KAIRO_CACHE}/<line>/steps, overwritten when the step is done again;
// docs/kernel-matrix.md is made from these files and from nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::kernel {

struct Step {
  std::string name = {};  // "check", "build-lab", "test-Tracing.X", "experiment-01-decode-priority"
  std::string command = {};  // as a person would type it
  std::string base = {};     // "6.12.117": of the tree's Makefile
  std::string series = {};   // BuildId::series of the patches it was done with
  int exit_status = 0;       // 0: done and good
  std::uint64_t seconds = 0;
  std::string finished = {};  // "2026-11-25T02:10:11Z"
  std::string note = {};      // one line of result: "25 checks", "VALID"; may be empty
};

// Fills in base and time and writes the step. A step that cannot be noted is no reason to fail:
// errors are for the caller to show.
base::Status leave_step(Step step, std::chrono::steady_clock::time_point begin);

// The step of a kernel that `kairo kernel build` made; nothing for an image that has no build id.
base::Status leave_image_step(Step step, const std::filesystem::path& image,
                              std::chrono::steady_clock::time_point begin);

// Every step of a folder, by name. Refuses a file that is none.
base::Result<std::vector<Step>> read_steps(const std::filesystem::path& directory);

std::filesystem::path steps_dir();

// A column of the matrix and the steps that speak for it: names that start so.
struct MatrixColumn {
  std::string_view title;
  std::vector<std::string_view> names;
};
const std::vector<MatrixColumn>& matrix_columns();

// docs/kernel-matrix.md: base versions and images down; applies, builds, boots, counters, tracing,
// A/B across. `base_image` is the BuildId::series of the base image. Steps of other patches than
// these two do not count and are named.
std::string kernel_matrix(const std::vector<Step>& steps, std::string_view series,
                          std::string_view base_image);

}  // namespace kairo::kernel
