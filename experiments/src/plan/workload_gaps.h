// SPDX-License-Identifier: GPL-2.0-only
// What a workload cannot show of an experiment: known from its counts, before a kernel is built or
// a run of minutes begins.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "kairo/engine/workload.h"
#include "kairo/reports/metric.h"
#include "kairo/reports/result_folder.h"

namespace kairo::experiments {

using ClassCounts = std::array<std::uint64_t, hint::kClasses>;

ClassCounts count_classes(const engine::Workload& workload);

// The KV classes without an I/O, by name. Jobs that would replay one of them have nothing to do.
std::vector<std::string> absent_classes(const ClassCounts& ios);

// A sentence per class that the workload has no I/O of, and per percentile among the metrics that
// has too few I/Os: in all runs together, or in each, without which it gets no interval. Last, when
// a longer window would help, how long.
std::vector<std::string> workload_gaps(const ClassCounts& ios, std::uint64_t duration_ns,
                                       const std::vector<reports::Metric>& metrics,
                                       unsigned repeats);

}  // namespace kairo::experiments
