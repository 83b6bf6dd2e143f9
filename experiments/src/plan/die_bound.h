// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "kairo/experiments/profile.h"
#include "kairo/reports/histogram.h"

// What no scheduler can beat on the flash model: one that knows on which die each page is and when
// each die is free. The kernel knows neither.
namespace kairo::experiments {

// Open-loop reads with Poisson arrivals at random places, and prefill that never runs out.
struct BoundLoad {
  double decode_per_s = 0;
  double prefetch_per_s = 0;
  std::uint64_t decode_bytes = 64 << 10;
  std::uint64_t prefetch_bytes = 128 << 10;
  bool prefill = true;
  double seconds = 60;  // of the drive's time
  std::uint64_t seed = 1;
};

struct DieBound {
  reports::Histogram decode;  // of latencies, ns
  reports::Histogram prefetch;
  double decode_mean_us = 0;
  double prefill_bytes_per_s = 0;
  double utilisation = 0;  // part of the time that the dies work
};

// A die that becomes free takes a page of a decode read, else one of a prefetch read, else a
// program: it is never idle while there is work, and no operation is interrupted but where the
// drive does so for a read. A request has the latency of its last page. Works out that schedule,
// with the device's own times, draws and pauses. A write buffer changes nothing: such a scheduler
// never lets it fill. Dies that share channels or the link do not wait for one another, and garbage
// collection does nothing: with these it is a bound that cannot be reached.
DieBound die_bound(const DeviceProfile& device, const BoundLoad& load);

}  // namespace kairo::experiments
