// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>

namespace kairo::base {

// The value that `percent` of the sorted values are not above: fio's rule, the nearest rank.
// `sorted` is not empty.
double quantile(std::span<const double> sorted, double percent);

// Between the middle two where their number is even. `sorted` is not empty.
double median_of_sorted(std::span<const double> sorted);

}  // namespace kairo::base
