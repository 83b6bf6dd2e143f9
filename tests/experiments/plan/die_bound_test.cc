// SPDX-License-Identifier: GPL-2.0-only
#include "plan/die_bound.h"

#include <gtest/gtest.h>

#include "plan/die_noise.h"

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

// What the driver's noise.c gives for seed 1, times in ns there: die 3 with a spread of 25 %, die 7
// with 10 % and a tenth of outliers, and the pauses.
TEST(DieNoise, DrawsWhatTheDriverDraws) {
  DeviceProfile device = drive(8, 80000, 300000);
  device.spread_percent = 25;
  DieNoise die3(device, 3);
  for (const double us : {414338.207, 312299.537, 360034.275, 209117.317})
    EXPECT_NEAR(die3.time_us(300000), us, us * 1e-4);
  device.spread_percent = 10;
  device.outlier_ppm = 100000;
  device.outlier_factor = 5;
  DieNoise die7(device, 7);
  for (const double us : {89175.720, 80541.839, 73250.503, 83015.518, 409626.385, 83739.089})
    EXPECT_NEAR(die7.time_us(80000), us, us * 1e-4);
  DieNoise pauses(device, kPauseStream);
  for (const double us : {48081.063, 192705.010, 129520.612})
    EXPECT_NEAR(pauses.exponential_us(1e6), us, 1e6 * 1e-4);
}

// Rare reads: a program gives way in 20 us, or is finished.
TEST(DieBound, AReadInterruptsAProgramWhereTheDriveDoesThat) {
  DeviceProfile device = drive(8, 80, 300);
  BoundLoad load;
  load.decode_per_s = 200;
  load.seconds = 100;
  device.suspend_us = 20;
  EXPECT_NEAR(percentile_us(die_bound(device, load).decode, 50), 80 + 150, 4);  // not by itself
  device.read_first = 1;
  const DieBound bound = die_bound(device, load);
  EXPECT_NEAR(percentile_us(bound.decode, 50), 80 + 20, 2);
  EXPECT_NEAR(bound.utilisation, 1, 0.001);
}

// A page of 64 KiB: 82 us on its channel and 20 us on the link.
TEST(DieBound, TransfersTakeTime) {
  DeviceProfile device = drive(8, 80, 300);
  device.channels = 4;
  device.channel_mb_s = 800;
  device.link_mb_s = 3277;
  BoundLoad load;
  load.decode_per_s = 50;
  load.prefill = false;
  load.seconds = 100;
  EXPECT_NEAR(percentile_us(die_bound(device, load).decode, 50), 80 + 82 + 20, 2);
  load.prefill = true;
  device.link_mb_s = 400;
  EXPECT_NEAR(die_bound(device, load).prefill_bytes_per_s, 400e6, 1);
}

// A third of the time is pauses, and half of the programs fast ones.
TEST(DieBound, PausesAndFastFlash) {
  DeviceProfile device = drive(8, 80, 300);
  device.pause_every_ms = 10;
  device.pause_ms = 5;
  BoundLoad load;
  load.seconds = 100;
  const double full = 8 * 65536 / 300e-6;
  // A pause every 10 ms in the mean, also within another: exp(-1/2) of the time is none.
  EXPECT_NEAR(die_bound(device, load).prefill_bytes_per_s, full * 0.6065, full * 0.03);
  device = drive(8, 80, 300);
  device.slc_gib = 1;
  device.slc_program_us = 100;
  load.seconds = (1 << 30) / (3 * full) + (1 << 30) / full;
  EXPECT_NEAR(die_bound(device, load).prefill_bytes_per_s, 1.5 * full, full * 0.02);
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
