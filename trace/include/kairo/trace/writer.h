// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/engine/workload.h"

namespace kairo::trace {

// Header lines beside the required ones: how the workload was made. Readers ignore unknown keys.
using HeaderLines = std::vector<std::pair<std::string, std::string>>;

// A workload file (docs/workload-format.md) as text. `records` must keep the rules of the format;
// control characters in `source` and `header` become '?'.
std::string format_workload(const engine::Workload& workload, const HeaderLines& header = {});

// The same into a file, by base::write_file(): never over one of `inputs`.
base::Status write_workload(const std::filesystem::path& path, const engine::Workload& workload,
                            const HeaderLines& header = {},
                            const std::vector<std::filesystem::path>& inputs = {});

}  // namespace kairo::trace
