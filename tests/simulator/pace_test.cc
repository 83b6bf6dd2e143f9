// SPDX-License-Identifier: GPL-2.0-only
// The controller of the series on drives of every family, by chance: never much worse than no
// scheduler, and where a queue can be kept short, short. KAIRO_DRIVES=N: so many of each family.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "drives.h"

namespace kairo::simulator {
namespace {

constexpr Policy kNone = Policy::kNone;

unsigned drives_per_family() {
  const char* const text = std::getenv("KAIRO_DRIVES");
  return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 12;
}

// What a read and a program of a request's pages take on dies that nothing else keeps busy.
double floor_us(const Case& c) {
  const auto deep = [&](unsigned kib) {
    return 1.0 + (kib / c.drive.page_kib - 1) / std::max(1U, c.drive.dies);
  };
  return c.drive.program_us * deep(c.load.prefill_kib) + c.drive.read_us * deep(c.load.decode_kib);
}

class Families : public ::testing::TestWithParam<Family> {};

TEST_P(Families, NeverMuchWorseThanNoSchedulerAndMostlyMuchBetter) {
  const unsigned drives = drives_per_family();
  unsigned starved = 0, far = 0;
  for (unsigned seed = 1; seed <= drives; ++seed) {
    const Case c = random_case(GetParam(), seed);
    const Outcome none = simulate(c.drive, c.load, kNone, seed);
    const Outcome kairo = simulate(c.drive, c.load, Policy::kKairo, seed);
    const double prefill = kairo.prefill_mb_s / none.prefill_mb_s;
    const double p99 = kairo.quantile(0.99);
    const std::string what =
        fmt::format("{}\nprefill {:.3f} of none's, decode p99 {:.0f} us, none {:.0f}, floor {:.0f}",
                    describe(c), prefill, p99, none.quantile(0.99), floor_us(c));
    EXPECT_GE(prefill, 0.85) << what;
    EXPECT_LE(p99, 1.1 * none.quantile(0.99)) << what;
    starved += prefill < 0.96;
    far +=
        p99 > 1.1 * none.quantile(0.99) || (p99 > 4 * floor_us(c) && p99 > none.quantile(0.99) / 4);
  }
  EXPECT_LE(starved, drives / 6) << "drives with less than 0.96 of the prefill";
  EXPECT_LE(far, drives / 6) << "drives with decode far above the floor";
}

INSTANTIATE_TEST_SUITE_P(All, Families, ::testing::ValuesIn(kFamilies),
                         [](const auto& family) { return std::string(family_name(family.param)); });

Drive reference() {
  return Drive{};
}

// A budget of throughput times the least latency kept 0.40 of the prefill at 10 %.
TEST(Pace, NoiseTakesNoThroughput) {
  for (const unsigned percent : {5U, 10U, 25U, 40U}) {
    Drive drive = reference();
    drive.spread_percent = percent;
    const Outcome none = simulate(drive, {}, kNone, 1),
                  kairo = simulate(drive, {}, Policy::kKairo, 1);
    EXPECT_GE(kairo.prefill_mb_s, 0.95 * none.prefill_mb_s) << percent << " %";
    EXPECT_LE(kairo.quantile(0.99), (percent > 25 ? 4 : 2.5) * 380) << percent << " %";
  }
}

TEST(Pace, ABufferOfAnySizeIsKeptEmpty) {
  for (const unsigned kib : {1024U, 8192U, 65536U}) {
    Drive drive = reference();
    drive.buffer_kib = kib;
    const Outcome none = simulate(drive, {}, kNone, 1),
                  kairo = simulate(drive, {}, Policy::kKairo, 1);
    EXPECT_GE(kairo.prefill_mb_s, 0.97 * none.prefill_mb_s) << kib << " KiB";
    EXPECT_LE(kairo.quantile(0.99), 3.5 * 380) << kib << " KiB";
  }
}

TEST(Pace, StandsAsideWhereTheDriveServesReadsFirst) {
  for (const unsigned suspend_us : {0U, 20U}) {
    Drive drive = reference();
    drive.read_first = true;
    drive.suspend_us = suspend_us;
    const Outcome none = simulate(drive, {}, kNone, 1),
                  kairo = simulate(drive, {}, Policy::kKairo, 1);
    EXPECT_EQ(kairo.state, "aside");
    EXPECT_GE(kairo.prefill_mb_s, 0.99 * none.prefill_mb_s);
    EXPECT_LE(kairo.quantile(0.99), 1.05 * none.quantile(0.99));
    EXPECT_LE(kairo.quantile(0.999), 1.1 * none.quantile(0.999));
  }
}

// The drive has its buffer full when decode begins: drained within the buffer / rate + 500 ms.
TEST(Pace, DecodeThatBeginsLateFindsTheQueueDrained) {
  Drive drive = reference();
  drive.buffer_kib = 65536;
  Load load;
  load.decode_from = 1.0;
  load.seconds = 5;
  load.warm_seconds = 2.0;
  const Outcome kairo = simulate(drive, load, Policy::kKairo, 1);
  EXPECT_LE(kairo.quantile(0.99), 4 * 380) << kairo.state;
}

// Nobody waits, nobody is held back.
TEST(Pace, NothingIsLostWithoutDecode) {
  Load load;
  load.decode = 0;
  for (const unsigned kib : {0U, 8192U}) {
    Drive drive = reference();
    drive.buffer_kib = kib;
    EXPECT_GE(simulate(drive, load, Policy::kKairo, 1).prefill_mb_s,
              0.99 * simulate(drive, load, kNone, 1).prefill_mb_s);
  }
}

// Not one second that is far from the others, not one tenth in which prefill stands still.
TEST(Pace, HoldsStill) {
  Drive drive = reference();
  drive.spread_percent = 10;
  Load load;
  load.seconds = 10;
  const Outcome none = simulate(drive, load, kNone, 1),
                kairo = simulate(drive, load, Policy::kKairo, 1);
  std::vector<double> p99s;
  for (std::size_t second = 2; second + 1 < kairo.seconds_us.size(); ++second) {
    const auto& us = kairo.seconds_us[second];
    p99s.push_back(us[us.size() * 99 / 100]);
  }
  std::sort(p99s.begin(), p99s.end());
  EXPECT_LE(p99s.back(), 3 * p99s[p99s.size() / 2]);
  for (std::size_t tenth = 20; tenth < kairo.programmed.size(); ++tenth)
    EXPECT_GE(static_cast<double>(kairo.programmed[tenth]), 0.7 * none.prefill_mb_s * 1e5) << tenth;
}

// The same inputs give the same times.
TEST(Simulation, DependsOnItsSeedOnly) {
  const Case c = random_case(Family::kNoisy, 3);
  const Outcome one = simulate(c.drive, c.load, Policy::kKairo, 3),
                two = simulate(c.drive, c.load, Policy::kKairo, 3);
  EXPECT_EQ(one.decode_us, two.decode_us);
  EXPECT_EQ(one.programmed, two.programmed);
  EXPECT_NE(one.decode_us, simulate(c.drive, c.load, Policy::kKairo, 4).decode_us);
}

}  // namespace
}  // namespace kairo::simulator
