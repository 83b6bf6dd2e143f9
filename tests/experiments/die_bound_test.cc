// SPDX-License-Identifier: GPL-2.0-only
#include "die_bound.h"

#include <gtest/gtest.h>

namespace kairo::experiments {
namespace {

double percentile_us(const reports::Histogram& latencies, double percent) {
  return static_cast<double>(latencies.percentile(percent).value_or(0)) / 1e3;
}

DeviceProfile drive(std::uint64_t dies, std::uint64_t read_us, std::uint64_t program_us) {
  DeviceProfile device;
  device.dies = dies;
  device.page_kib = 64;
  device.read_us = read_us;
  device.program_us = program_us;
  return device;
}

// One die, reads alone: a queue with Poisson arrivals and a fixed time of service. Its mean time is
// S + rho S / (2 (1 - rho)) (Pollaczek and Khinchine).
TEST(DieBound, ReadsAloneAreAQueueWithAKnownMean) {
  BoundLoad load;
  load.decode_per_s = 5000;  // rho 0.5
  load.prefill = false;
  load.seconds = 60;
  const DieBound bound = die_bound(drive(1, 100, 1000), load);
  EXPECT_NEAR(bound.decode_mean_us, 150, 1.5);
  EXPECT_NEAR(bound.utilisation, 0.5, 0.005);
  EXPECT_EQ(bound.prefill_bytes_per_s, 0);
}

// A rare read meets a program at any time of it.
TEST(DieBound, ARareReadWaitsForTheRestOfAProgram) {
  BoundLoad load;
  load.decode_per_s = 200;
  load.seconds = 100;
  const DieBound bound = die_bound(drive(8, 80, 300), load);
  EXPECT_NEAR(percentile_us(bound.decode, 50), 80 + 150, 4);
  EXPECT_NEAR(percentile_us(bound.decode, 99), 80 + 297, 4);
  EXPECT_NEAR(bound.utilisation, 1, 0.001);
  EXPECT_NEAR(bound.prefill_bytes_per_s, 8 * 65536 / 300e-6, 8 * 65536 / 300e-6 * 0.01);
}

// Of several pages the last one counts: the p-th percentile of the greatest of four waits is the
// p^(1/4)-th of one.
TEST(DieBound, ALongReadWaitsForItsLastPage) {
  BoundLoad load;
  load.decode_per_s = 100;
  load.decode_bytes = 256 << 10;
  load.seconds = 60;
  const DieBound bound = die_bound(drive(64, 80, 300), load);
  EXPECT_NEAR(percentile_us(bound.decode, 50), 80 + 300 * 0.841, 6);
}

TEST(DieBound, DecodeGoesBeforePrefetch) {
  BoundLoad load;
  load.decode_per_s = 2000;
  load.prefetch_per_s = 20000;
  load.prefill = false;
  load.seconds = 10;
  const DieBound bound = die_bound(drive(8, 100, 300), load);
  EXPECT_GE(percentile_us(bound.decode, 99), 99);  // a read, but for the histogram's width
  EXPECT_LT(percentile_us(bound.decode, 99), percentile_us(bound.prefetch, 99) / 2);
}

}  // namespace
}  // namespace kairo::experiments
