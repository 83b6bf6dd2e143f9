// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string_view>

#include "kairo/reports/run_data.h"

namespace kairo::reports {

// A figure of the whole run by its name (kRunFigures). `dies` is the device's, for utilisation.
std::optional<double> run_figure(const Run& run, std::string_view name,
                                 std::optional<std::uint64_t> dies);

// Jain's index of the values: 1 when all are equal, 1/n when one has everything. nullopt for fewer
// than two values or when all are 0.
std::optional<double> jain_index(const std::vector<double>& values);

}  // namespace kairo::reports
