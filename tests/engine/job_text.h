// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "kairo/base/files.h"

namespace kairo::engine {

// A job file with changes, each a pattern and what takes its place; empty when it cannot be read.
inline std::string job_with(const std::filesystem::path& job,
                            const std::vector<std::pair<std::string, std::string>>& changes) {
  std::string text = base::read_file(job).value_or("");
  for (const auto& [what, with] : changes) text = std::regex_replace(text, std::regex(what), with);
  return text;
}

}  // namespace kairo::engine
