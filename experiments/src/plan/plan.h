// SPDX-License-Identifier: GPL-2.0-only
// From what was asked for to a campaign, and what it needs before its first run.
#pragma once

#include <filesystem>

#include "kairo/experiments/runner.h"
#include "plan/request.h"

namespace kairo::experiments {

// The experiment on one profile, with its result folder. What is wrong with the jobs is said here,
// before anything is built, made or run; nothing is looked for outside of the source tree.
base::Result<Campaign> make_plan(const RunOptions& options, const Definition& definition,
                                 const std::filesystem::path& profile,
                                 const std::filesystem::path& out_dir);

// The file that a load replays; empty: none, or a trace that is generated.
std::filesystem::path trace_of(const RunOptions& options, const LoadDefinition& load);

// Programs and files that must be there before the first guest boots.
base::Status find_parts(const RunOptions& options, Campaign& campaign);

// Writes the workloads of the loads that replay a trace into the result folder, and tells what they
// cannot show.
base::Status make_workloads(const RunOptions& options, Campaign& campaign);

// Only tells. Needs no kernel and no fio, and writes nothing.
base::Status check_workloads(const RunOptions& options, const Campaign& campaign);

}  // namespace kairo::experiments
