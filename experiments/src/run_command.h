// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>

#include "kairo/base/result.h"
#include "plan/request.h"

namespace kairo::experiments {

// Runs what was asked for and writes its reports. Several experiments go to a folder each below
// `out`; the first error ends an experiment, the others still run. After "all" `out`/all has
// verdicts.{md,html}.
base::Status run_experiments(const RunOptions& options);

// Says which runs of a result folder are there, makes its report from them, and fails with kShort
// when some are missing.
base::Status collect_results(const std::filesystem::path& directory);

}  // namespace kairo::experiments
