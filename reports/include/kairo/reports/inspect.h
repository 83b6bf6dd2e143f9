// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>

#include "kairo/base/result.h"

namespace kairo::reports {

// What a file of a result folder holds, as text for a terminal or as JSON: fio's json+ output
// (after all its checks), experiment.json, run.json, an engine sidecar or report.json. The kind is
// taken from the content, not from the name.
base::Result<std::string> inspect_file(const std::filesystem::path& path, bool as_json);

}  // namespace kairo::reports
