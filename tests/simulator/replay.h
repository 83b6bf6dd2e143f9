// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "simulation.h"

namespace kairo::simulator {

// A request as it reached a drive (order_log of kairo_ssd).
struct Arrival {
  std::uint64_t ns = 0;  // since the first
  bool write = false;
  std::uint64_t sector = 0;
  std::uint32_t bytes = 0;
};

// What the flash model makes of them.
struct Replayed {
  std::vector<double> us;  // of each request, in their order, from arrival to end
  std::uint64_t busy_ns = 0;
  std::uint64_t pages_read = 0;
  std::uint64_t programmed_bytes = 0;
};

// The requests one after the other at their times, without a scheduler: the kernel has been that.
// Throws std::runtime_error for one that the model refuses.
Replayed replay(const Drive& drive, const std::vector<Arrival>& arrivals);

}  // namespace kairo::simulator
