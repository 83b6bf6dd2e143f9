// SPDX-License-Identifier: GPL-2.0-only
// Whether a result folder is of the experiment that is about to run.
#pragma once

#include <string>

#include "kairo/reports/result_folder.h"

namespace kairo::experiments {

// In the environment of experiment.json: the repeats that an interrupt has spread over several
// boots.
inline constexpr const char* kSeveralBoots = "repeats_in_several_boots";

// Nothing when runs of the one can be runs of the other: everything is equal but the facts that
// guests report, whether all runs are there, what only the report asks, and the number of repeats,
// which may grow. Else what differs, as a person would look for it, with the remedy.
std::string difference(const reports::Experiment& there, const reports::Experiment& asked);

}  // namespace kairo::experiments
