// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "kairo/base/random.h"

// When the next I/O of an open loop should start. Pure: no clock, no fio.
namespace kairo::engine {

// Poisson arrivals: gaps with an exponential distribution, the same ones for the same seed.
class PoissonArrivals {
 public:
  // `per_second` > 0.
  PoissonArrivals(double per_second, std::uint64_t seed);

  // Nanoseconds from the start of the job to the next arrival. Never decreases.
  std::uint64_t next();

 private:
  double mean_gap_ns_;
  double time_ns_ = 0;
  base::Random random_;
};

}  // namespace kairo::engine
