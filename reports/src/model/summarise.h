// SPDX-License-Identifier: GPL-2.0-only
// Many runs of an arm become one summary.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kairo/reports/report.h"

namespace kairo::reports {

// The runs of one arm under one load, by repeat.
using Runs = std::vector<const Run*>;

ArmSummary summarise_arm(const Arm& arm, const Load& load, const Runs& runs);

// nullopt when no run has the class.
std::optional<ClassSummary> summarise_class(const Runs& runs, std::size_t io_class);

// The windows of a class from the begin of the load on, all runs together. Empty when none is
// known.
std::vector<WindowFigures> windows_of(const Runs& runs, const Load& load, std::size_t io_class);

// What the classes did within a phase.
PhaseSummary phase_of(const Runs& runs, const Load& load, const Phase& phase);

}  // namespace kairo::reports
