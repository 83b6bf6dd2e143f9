// SPDX-License-Identifier: GPL-2.0-only
#include "progress_line.h"

#include <gtest/gtest.h>

namespace kairo::kernel {
namespace {

using std::chrono::milliseconds;

// That long after the first step.
ProgressLine::Time after(unsigned ms) {
  return ProgressLine::Time() + std::chrono::hours(1) + milliseconds(ms);
}

TEST(ProgressLine, SaysTheFirstStepAtOnceAndThenEachTenSeconds) {
  ProgressLine line(false);
  EXPECT_EQ(line.step(1, 2400, after(0)), "compiling: 1 of 2400 steps (0 %)\n");
  EXPECT_EQ(line.step(30, 2400, after(9'999)), "");
  EXPECT_EQ(line.step(48, 2400, after(10'000)), "compiling: 48 of 2400 steps (2 %)\n");
  EXPECT_EQ(line.step(600, 2400, after(19'999)), "");
  EXPECT_EQ(line.step(2400, 2400, after(20'000)), "compiling: 2400 of 2400 steps (100 %)\n");
}

TEST(ProgressLine, OverwritesItselfOnATerminalEachSecond) {
  ProgressLine line(true);
  EXPECT_EQ(line.step(1, 50, after(0)), "\r\x1b[Kcompiling: 1 of 50 steps (2 %)");
  EXPECT_EQ(line.step(2, 50, after(999)), "");
  EXPECT_EQ(line.step(3, 50, after(1'000)), "\r\x1b[Kcompiling: 3 of 50 steps (6 %)");
  EXPECT_EQ(line.end(after(2'500)), "\r\x1b[Kcompiled: 3 steps in 2 s\n");
}

TEST(ProgressLine, OfAnUnknownNumberHasNoPercentage) {
  ProgressLine line(false);
  EXPECT_EQ(line.step(7, 0, after(0)), "compiling: 7 steps\n");
}

// A build of what changed stops early: the end tells how many steps it was, those not shown too.
TEST(ProgressLine, TheEndCountsTheStepsThatWereNotShown) {
  ProgressLine line(false);
  static_cast<void>(line.step(1, 2400, after(0)));
  EXPECT_EQ(line.step(57, 2400, after(3'000)), "");
  EXPECT_EQ(line.end(after(3'900)), "compiled: 57 steps in 3 s\n");
}

TEST(ProgressLine, WithoutAStepThereIsNoEnd) {
  EXPECT_EQ(ProgressLine(true).end(after(0)), "");
}

}  // namespace
}  // namespace kairo::kernel
