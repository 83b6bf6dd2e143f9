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

// Of the decode reads that were sent in the first `seconds`.
double first_seconds_p99(const Outcome& out, std::size_t seconds) {
  std::vector<double> us;
  for (std::size_t i = 0; i < std::min(seconds, out.seconds_us.size()); ++i)
    us.insert(us.end(), out.seconds_us[i].begin(), out.seconds_us[i].end());
  std::sort(us.begin(), us.end());
  return us.empty() ? 0 : us[us.size() * 99 / 100];
}

// Prefill of this drive keeps at least that part of what it has without a scheduler.
void expect_prefill(Family family, std::uint64_t seed, double part) {
  const Case c = random_case(family, seed);
  EXPECT_GE(simulate(c.drive, c.load, Policy::kKairo, seed).prefill_mb_s,
            part * simulate(c.drive, c.load, kNone, seed).prefill_mb_s)
      << describe(c);
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
    EXPECT_GE(prefill, 0.88) << what;
    EXPECT_LE(p99, 1.1 * none.quantile(0.99)) << what;
    EXPECT_LE(first_seconds_p99(kairo, 2), 1.1 * first_seconds_p99(none, 2))
        << what << "; of the first two seconds, in which it searches";
    starved += prefill < 0.97;
    far +=
        p99 > 1.1 * none.quantile(0.99) || (p99 > 4 * floor_us(c) && p99 > none.quantile(0.99) / 4);
  }
  EXPECT_LE(starved, drives / 6) << "drives with less than 0.97 of the prefill";
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
    EXPECT_LE(kairo.quantile(0.99), (percent > 25   ? 4
                                     : percent > 10 ? 3
                                                    : 2.5) *
                                        380)
        << percent << " %";
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

// Twice as much in flight as is enough made no read slower: there is nothing to search for.
TEST(Pace, StandsAsideAtOnceWhereMoreInFlightDoesNoHarm) {
  Drive drive = reference();
  drive.read_first = true;
  Load load;
  load.seconds = 0.6;
  load.warm_seconds = 0;
  EXPECT_EQ(simulate(drive, load, Policy::kKairo, 1).state, "aside");
}

// A trial without limits ends with the first reads that it harms, and there is no other one soon.
TEST(Pace, TrialsAreShortWhereTheyHarmFewReads) {
  Drive drive = reference();
  drive.dies = 3;
  drive.read_us = 110;
  drive.program_us = 900;
  Load load;
  load.decode = 500 * 110e-6 / 3;  // 500 reads per second
  load.prefetch = 0;
  load.warm_seconds = 1;
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U})
    EXPECT_LE(simulate(drive, load, Policy::kKairo, seed).quantile(0.99), 3 * 1010) << seed;
}

// Requests that end all at once are held back all at once.
TEST(Pace, ClimbsWhereRequestsEndTogether) {
  const Case c = random_case(Family::kPlain, 3);
  Load load = c.load;
  load.seconds = 0.2;
  load.warm_seconds = 0;
  const Outcome out = simulate(c.drive, load, Policy::kKairo, 3);
  EXPECT_EQ(out.state, "pace") << describe(c);
}

// What a load has to send in a part of a window is not what the drive can do.
TEST(Pace, BurstsOfPrefillAreNotTakenForASlowDrive) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Drive drive = reference();
    Load load;
    load.warm_seconds = 0;
    load.seconds = 2;
    load.tags = 512;
    load.decode = load.prefetch = 0.06;
    load.burst_mib = load.burst_every_ms = seed % 3 == 2 ? 60 : 20;
    if (seed % 3 == 1) {
      drive.dies = 12;
      drive.program_us = 700;
      load.burst_every_ms = 30;
    }
    const Outcome none = simulate(drive, load, kNone, seed),
                  kairo = simulate(drive, load, Policy::kKairo, seed);
    EXPECT_GE(kairo.prefill_mb_s, 0.9 * none.prefill_mb_s) << seed;
    EXPECT_LE(kairo.quantile(0.99), 2.5 * (drive.read_us + drive.program_us)) << seed;
  }
}

// A read that takes longer than a window is never in one that begins after it was sent.
TEST(Pace, WaitsForReadsThatTakeLong) {
  const Case c = random_case(Family::kBuffered, 22);
  const Outcome out = simulate(c.drive, c.load, Policy::kKairo, 22);
  EXPECT_EQ(out.state, "pace") << describe(c);
  EXPECT_LE(out.quantile(0.99), 0.05 * simulate(c.drive, c.load, kNone, 22).quantile(0.99));
}

// With few dies reads take much longer at 9/10 of the rate than at half of it: that is no backlog.
TEST(Pace, FewDiesAreNotTakenForABacklog) {
  for (const std::uint64_t seed : {21U, 39U}) expect_prefill(Family::kPlain, seed, 0.96);
}

// A load that is a little more than the drive keeps up with never waits, as long as a buffer takes
// it: reads get slow without anything that could be tried with a budget.
TEST(Pace, ABufferThatFillsSlowlyIsSeen) {
  Drive drive = reference();
  drive.buffer_kib = 65536;
  Load load;
  for (const double sender_us : {78.0, 80.0, 82.0}) {
    load.sender_us = sender_us;
    const Outcome none = simulate(drive, load, kNone, 1),
                  kairo = simulate(drive, load, Policy::kKairo, 1);
    EXPECT_GE(kairo.prefill_mb_s, 0.97 * none.prefill_mb_s) << sender_us << " us";
    EXPECT_LE(kairo.quantile(0.99), 3.5 * 380) << sender_us << " us";
  }
}

// What fills the buffer is taken for what it drains, and what reads take beside 9/10 of it for
// little: both are looked at again once the rate has come down.
TEST(Pace, WhatABufferSeemedToDrainIsLookedAtAgain) {
  Drive drive = reference();
  drive.buffer_kib = 65536;
  Load load;
  load.tags = 256;
  load.sender_us = 74;
  load.warm_seconds = 1;
  load.seconds = 4;
  const Outcome none = simulate(drive, load, kNone, 1);
  const Outcome kairo = simulate(drive, load, Policy::kKairo, 1);
  EXPECT_GE(kairo.prefill_mb_s, 0.97 * none.prefill_mb_s);
  EXPECT_LE(kairo.quantile(0.5), 500) << kairo.state;
  EXPECT_LE(kairo.quantile(0.99), 1000) << kairo.state;
}

// Reads that stay slow at 9/10 of what was thought to drain: it is less, and by a sixteenth each
// time.
TEST(Pace, WhatIsMoreThanTheDriveDrainsComesDown) {
  for (const std::uint64_t seed : {13U, 21U}) expect_prefill(Family::kBuffered, seed, 0.97);
}

// Where times vary, a budget that looks like enough may cost a twentieth: it grows, though that
// makes reads a little slower.
TEST(Pace, ABudgetThatCostsThroughputGrows) {
  expect_prefill(Family::kNoisy, 78, 0.955);
}

// With outliers the one trial of a larger budget may show no gain by chance: 0.93 was what this
// drive kept until ten seconds later. What the budget costs against the climb's says that it is too
// small.
TEST(Pace, ATrialThatFailedByChanceIsRepeatedSoon) {
  expect_prefill(Family::kNoisy, 35, 0.97);
}

// A pause of the drive makes reads slow and takes throughput: no backlog to send less for.
TEST(Pace, APauseIsNotTakenForABacklog) {
  for (const std::uint64_t seed : {27U, 85U}) expect_prefill(Family::kFlat, seed, 0.97);
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
