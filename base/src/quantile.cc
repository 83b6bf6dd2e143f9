// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/quantile.h"

#include <cmath>
#include <cstddef>

namespace kairo::base {

double quantile(std::span<const double> sorted, double percent) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(sorted.size())));
  return sorted[rank == 0 ? 0 : rank - 1];
}

double median_of_sorted(std::span<const double> sorted) {
  const std::size_t n = sorted.size();
  const double upper = sorted[n / 2];
  return n % 2 == 1 ? upper : (sorted[n / 2 - 1] + upper) / 2;
}

}  // namespace kairo::base
