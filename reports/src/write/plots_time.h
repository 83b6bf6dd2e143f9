// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "kairo/reports/report.h"

namespace kairo::reports {

// The plots over time of a load that has windows: latency of `io_class` at `percentile` (an index
// of kPercentiles, or the deepest below it that the windows support), the rate of every class, and
// each sampled debugfs file of each arm. Phases are bands. Empty when the load has neither.
std::vector<Plot> time_plots(const LoadReport& load, std::size_t io_class, std::size_t percentile);

}  // namespace kairo::reports
