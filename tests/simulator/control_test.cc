// SPDX-License-Identifier: GPL-2.0-only
// What the controller decides where the simulated drives do not get: windows by hand.
#include <gtest/gtest.h>

#include "pure.h"

namespace {

constexpr u64 kUs = 1'000, kMs = 1'000'000, kSecond = 1'000'000'000;
constexpr u32 kRequest = 65536;

kairo_window empty_window() {
  kairo_meter meter{};
  const kairo_totals none{};
  kairo_meter_begin(&meter, &none);
  return meter.window;
}

// Requests of 64 KiB that all took so long, with nothing else of theirs in the drive if `alone`.
kairo_pool_window completions(kairo_pool_window pool, u32 requests, u64 ns, bool alone) {
  const unsigned size = kairo_size_index(kRequest);
  pool.requests = requests;
  pool.alone = alone ? requests : 0;
  pool.largest = kRequest;
  pool.kib[size] = requests * (kRequest >> 10);
  pool.kib_ns[size] = pool.kib[size] * ns;
  pool.min_ns[size] = ns;
  return pool;
}

// What few reads of the prefetch class need is no limit for many: they may have the dies for as
// long as prefill does, and reads are shorter.
TEST(Control, PrefetchMayHaveTheDiesForAsLongAsPrefill) {
  constexpr u64 kProgramNs = 300 * kUs, kReadNs = 60 * kUs;
  kairo_control control{};
  kairo_control_init(&control);
  kairo_window w = empty_window();
  w.ns = 10 * kMs;
  w.pool[KAIRO_POOL_PREFILL] =
      completions(w.pool[KAIRO_POOL_PREFILL], 64, kProgramNs, /*alone=*/true);
  w.pool[KAIRO_POOL_PREFETCH] =
      completions(w.pool[KAIRO_POOL_PREFETCH], 1, kReadNs, /*alone=*/false);
  ASSERT_TRUE(kairo_control_step(&control, &w, 0, true));

  // By Little's law: 64 requests in 10 ms, each 300 us, are 1.92 at a time.
  const u64 load = 192 * kRequest / 100;
  EXPECT_NEAR(static_cast<double>(control.load[KAIRO_POOL_PREFILL]), static_cast<double>(load),
              static_cast<double>(load) / 100);
  const auto budget = static_cast<double>(control.budget[KAIRO_POOL_PREFETCH]);
  EXPECT_GE(budget, static_cast<double>(load) * 0.99 * kProgramNs / kReadNs);
  EXPECT_LE(budget, static_cast<double>(load) * 1.01 * kProgramNs / kReadNs + 2 * kRequest);
}

// 10 ms of as much prefill as `rate`, and of decode reads that took so long.
kairo_window pace_window(u64 rate, u64 read_ns) {
  kairo_window w = empty_window();
  w.ns = 10 * kMs;
  auto& pool = w.pool[KAIRO_POOL_PREFILL];
  pool = completions(pool, static_cast<u32>(rate / 100 / kRequest), 300 * kUs, false);
  pool.backlog_ns = w.ns;
  pool.paced = pool.requests;
  w.decodes = 200;
  w.decode_hist[kairo_bucket(read_ns)] = w.decodes;
  return w;
}

// Without limits reads got slow. What is known of that is looked at again after a while, and then a
// larger budget is tried, which costs a few reads a little; not the same again.
TEST(Pace, NoLimitThatDidHarmIsNotTriedAgainBeforeALargerBudget) {
  constexpr u64 kRate = 2'000'000'000, kReadNs = 100 * kUs;
  kairo_pace pace{};
  kairo_pace_init(&pace);
  pace.request = kRequest;
  pace.budget = 16 * kRequest;
  pace.drain = kRate;
  pace.level_ns = pace.low_ns = kReadNs;
  pace.goal_ns = pace.least_goal_ns = kReadNs + kReadNs / 4;
  kairo_pace_try_no_limit(&pace);
  kairo_window w = pace_window(kRate, 10 * kReadNs);
  ASSERT_TRUE(kairo_pace_step(&pace, &w, true));
  ASSERT_EQ(pace.state, KAIRO_PACE_PACE);
  EXPECT_LE(pace.rate, kRate / 2) << "what came in without a limit is not drained";

  // By rate alone, as where writes wait inside the drive, until it has looked again.
  bool looked = false;
  w = pace_window(kRate, kReadNs);
  for (u64 ns = 0; ns < 20 * kSecond; ns += w.ns) {
    kairo_pace_step(&pace, &w, true);
    looked |= pace.state == KAIRO_PACE_LOW;
    ASSERT_NE(pace.state, KAIRO_PACE_OPEN) << ns;
    if (looked && pace.state == KAIRO_PACE_PACE && pace.calm_ns > 2 * kSecond) break;
  }
  ASSERT_TRUE(looked && pace.state == KAIRO_PACE_PACE) << kairo_pace_names[pace.state];

  // Now the budget is what holds prefill back.
  w.pool[KAIRO_POOL_PREFILL].held = w.pool[KAIRO_POOL_PREFILL].paced;
  for (u64 ns = 0; ns < 2 * kSecond && pace.state != KAIRO_PACE_OPEN; ns += w.ns)
    kairo_pace_step(&pace, &w, true);
  ASSERT_EQ(pace.state, KAIRO_PACE_OPEN);
  EXPECT_EQ(pace.trial, KAIRO_TRIAL_BUDGET);
}

}  // namespace
