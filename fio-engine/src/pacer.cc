// SPDX-License-Identifier: GPL-2.0-only
#include "pacer.h"

#include <cmath>

namespace kairo::engine {

PoissonArrivals::PoissonArrivals(double per_second, std::uint64_t seed)
    : mean_gap_ns_(1e9 / per_second), random_(seed) {}

std::uint64_t PoissonArrivals::next() {
  // 53 bits to (0, 1]: the logarithm is finite.
  const double uniform = (static_cast<double>(random_.next() >> 11) + 1.0) * 0x1.0p-53;
  time_ns_ += -std::log(uniform) * mean_gap_ns_;
  return static_cast<std::uint64_t>(time_ns_);
}

}  // namespace kairo::engine
