// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/process.h"
#include "kairo/base/result.h"

namespace kairo::kernel {

// Runs git in `tree`, untouched by the user's configuration, hooks and GIT_* variables, with a
// fixed identity, so that the same patches give the same commit hashes everywhere.
base::Result<base::ProcessResult> git(const std::filesystem::path& tree,
                                      std::vector<std::string> arguments,
                                      const std::string& input = {},
                                      std::map<std::string, std::string> environment = {});

// As git(), but a failing git is an Error that quotes its last words. Returns what it printed,
// without the final newline.
base::Result<std::string> git_text(const std::filesystem::path& tree,
                                   std::vector<std::string> arguments,
                                   const std::string& input = {},
                                   std::map<std::string, std::string> environment = {});

// The commit `name` stands for, or an empty string when there is none.
std::string git_commit(const std::filesystem::path& tree, std::string_view name);

}  // namespace kairo::kernel
