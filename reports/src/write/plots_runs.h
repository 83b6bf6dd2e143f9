// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "kairo/reports/report.h"

namespace kairo::reports {

// A dot per run in the order in which the runs were made: shows drift and outliers that a median
// hides. nullopt when fewer than two runs have the figure.
std::optional<Plot> runs_plot(const LoadReport& load, const Metric& metric);

}  // namespace kairo::reports
