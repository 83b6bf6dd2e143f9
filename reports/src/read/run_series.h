// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/run_data.h"

namespace kairo::reports {

// By fio job, in fio's order, and direction: the class when every I/O of it was of that class.
using JobClasses = std::vector<std::array<std::optional<IoClass>, kDirectionNames.size()>>;

// Fills `windows`, `samples` and `collected` of a run whose classes are known already. Files that
// are absent leave them empty. Refused: a log of a job that fio does not list, a log with more I/Os
// than fio counted, a log or samples without the run's begin.
base::Status read_time_series(const std::filesystem::path& directory, const JobClasses& classes,
                              Run& run);

}  // namespace kairo::reports
