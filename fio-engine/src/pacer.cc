// SPDX-License-Identifier: GPL-2.0-only
#include "pacer.h"

#include <cmath>

namespace kairo::engine {

PoissonArrivals::PoissonArrivals(double per_second, std::uint64_t seed)
    : mean_gap_ns_(1e9 / per_second), state_(seed) {}

std::uint64_t PoissonArrivals::next() {
  // SplitMix64 (Steele, Lea, Flood 2014): any seed is a good one, also those fio derives from
  // small job numbers.
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  z ^= z >> 31;
  // 53 bits to (0, 1]: the logarithm is finite.
  const double uniform = (static_cast<double>(z >> 11) + 1.0) * 0x1.0p-53;
  time_ns_ += -std::log(uniform) * mean_gap_ns_;
  return static_cast<std::uint64_t>(time_ns_);
}

}  // namespace kairo::engine
