// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/verdicts.h"

namespace kairo::experiments {

// What came of several experiments.
struct RunsOfAll {
  std::vector<reports::ExperimentVerdict> verdicts;  // one for each name, in order
  std::optional<base::Error> first;                  // of those that failed, or the gate refuses
};

using RunOne = std::function<base::Result<reports::ExperimentVerdict>(const std::string& name)>;

// Runs one after the other. One that fails is reported, noted and does not stop the others; an
// interrupt stops all, and what has not begun is noted as that.
RunsOfAll run_each(const std::vector<std::string>& names, bool gate, const RunOne& run);

// The exit status under --gate: what objects to a report falls short.
base::Status gate_status(bool gate, const std::string& objection);

}  // namespace kairo::experiments
