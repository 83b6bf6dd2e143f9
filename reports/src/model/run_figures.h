// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

namespace kairo::reports {

// Jain's index of the values: 1 when all are equal, 1/n when one has everything. nullopt for fewer
// than two values or when all are 0.
std::optional<double> jain_index(const std::vector<double>& values);

}  // namespace kairo::reports
