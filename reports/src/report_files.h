// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::reports {

// Writes a file of a report on `folders` to `out`/`name`. `out` is one of them, or a folder for
// reports that may hold nothing of anybody else; either way a person's file is not replaced where a
// manifest tells which ones are ours.
base::Status write_report_file(const std::vector<std::filesystem::path>& folders,
                               const std::filesystem::path& out, const std::filesystem::path& name,
                               const std::string& content);

}  // namespace kairo::reports
