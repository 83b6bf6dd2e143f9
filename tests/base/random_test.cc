// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kairo::base {
namespace {

// Of the generator's reference implementation.
TEST(Random, IsSplitMix64) {
  Random random(1234567);
  for (const std::uint64_t value :
       {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U,
        16408922859458223821U})
    EXPECT_EQ(random.next(), value);
}

TEST(Random, StaysInItsRange) {
  Random random(1);
  unsigned smallest = 100, largest = 0;
  for (unsigned i = 0; i < 10'000; ++i) {
    const double unit = random.unit();
    EXPECT_GE(unit, 0);
    EXPECT_LT(unit, 1);
    EXPECT_LT(random.below(7), 7U);
    const unsigned percent = random.percent();
    smallest = std::min(smallest, percent);
    largest = std::max(largest, percent);
  }
  EXPECT_EQ(smallest, 0U);
  EXPECT_EQ(largest, 99U);
}

TEST(Random, StreamsOfOneSeedDiffer) {
  EXPECT_NE(mix(1, 2), mix(1, 3));
  EXPECT_NE(mix(1, 2), mix(2, 2));
  EXPECT_EQ(mix(1, 2), mix(1, 2));
}

}  // namespace
}  // namespace kairo::base
