// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "kairo/reports/report.h"

namespace kairo::reports {

// How evenly an arm treats the sessions of a replay: time to first token and time per step of
// every session, sorted, all runs together. Nothing for a load without sessions.
std::vector<Plot> session_plots(const LoadReport& load);

}  // namespace kairo::reports
