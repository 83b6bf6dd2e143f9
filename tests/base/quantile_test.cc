// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/quantile.h"

#include <gtest/gtest.h>

#include <vector>

namespace kairo::base {
namespace {

const std::vector<double> kTen = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

TEST(Quantile, IsTheNearestRank) {
  EXPECT_EQ(quantile(kTen, 0), 1);
  EXPECT_EQ(quantile(kTen, 10), 1);
  EXPECT_EQ(quantile(kTen, 50), 5);
  EXPECT_EQ(quantile(kTen, 51), 6);
  EXPECT_EQ(quantile(kTen, 90), 9);
  EXPECT_EQ(quantile(kTen, 99), 10);
  EXPECT_EQ(quantile(kTen, 100), 10);
  EXPECT_EQ(quantile(std::vector<double>{7}, 50), 7);
}

TEST(Median, IsBetweenTheMiddleTwo) {
  EXPECT_EQ(median_of_sorted(kTen), 5.5);
  EXPECT_EQ(median_of_sorted(std::vector<double>{1, 2, 9}), 2);
  EXPECT_EQ(median_of_sorted(std::vector<double>{7}), 7);
}

}  // namespace
}  // namespace kairo::base
