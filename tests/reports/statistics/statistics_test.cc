// SPDX-License-Identifier: GPL-2.0-only
// Known answers first (enumerated exactly, and what benchstat prints), then properties.
#include "kairo/reports/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace kairo::reports {
namespace {

using Sample = std::vector<double>;

const Sample kOld = {3069, 3075, 3069, 3067, 3207, 3064, 3064, 3058, 3059, 3062};
const Sample kNew = {3075, 3065, 3059, 3065, 3060, 3081, 3186, 3135, 3087, 3062};

Sample sequence(double first, std::size_t n) {
  Sample out(n);
  std::iota(out.begin(), out.end(), first);
  return out;
}

// Bell-shaped noise around `middle` with a relative standard deviation of about 1 %.
Sample noise(std::mt19937_64& generator, double middle, std::size_t n) {
  Sample out(n);
  for (double& value : out) {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(generator() >> 11) * 0x1p-53;
    value = middle * (1 + 0.01 * (sum - 6));
  }
  return out;
}

TEST(Median, OddAndEven) {
  EXPECT_EQ(median(Sample{}), std::nullopt);
  EXPECT_EQ(median(Sample{5}), 5);
  EXPECT_EQ(median(Sample{3, 1, 2}), 2);
  EXPECT_EQ(median(Sample{4, 1, 3, 2}), 2.5);
}

TEST(MedianInterval, KnownConfidence) {
  EXPECT_NEAR(median_interval_confidence(5, 1), 0.9375, 1e-12);
  EXPECT_NEAR(median_interval_confidence(6, 1), 0.96875, 1e-12);
  EXPECT_NEAR(median_interval_confidence(10, 2), 0.978515625, 1e-12);
}

TEST(MedianInterval, NeedsSixValues) {
  EXPECT_FALSE(median_interval(sequence(1, 5)));
  const auto six = median_interval(sequence(1, 6));
  ASSERT_TRUE(six);
  EXPECT_EQ(six->low, 1);
  EXPECT_EQ(six->high, 6);
  const auto ten = median_interval(sequence(1, 10));
  ASSERT_TRUE(ten);
  EXPECT_EQ(ten->low, 2);
  EXPECT_EQ(ten->high, 9);
}

TEST(MannWhitney, FullySeparated) {
  EXPECT_NEAR(mann_whitney(sequence(1, 4), sequence(9, 4))->p, 0.0285714285714, 1e-12);
  EXPECT_NEAR(mann_whitney(sequence(1, 10), sequence(99, 10))->p, 1.082508822e-05, 1e-14);
  EXPECT_NEAR(smallest_mann_whitney_p(4, 4), 0.0285714285714, 1e-12);
  EXPECT_NEAR(smallest_mann_whitney_p(10, 10), 1.082508822e-05, 1e-14);
}

TEST(MannWhitney, TiesByMidranks) {
  const auto result = mann_whitney(kOld, kNew);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->exact);
  EXPECT_DOUBLE_EQ(result->u, 39.5);
  EXPECT_NEAR(result->p, 0.446101885730, 1e-12);
  // z = (|39.5 - 50| - 0.5) / sqrt(10 * 10 / 12 * (21 - 36 / (20 * 19))), p = erfc(z / sqrt(2)).
  EXPECT_NEAR(mann_whitney_normal_p(kOld, kNew), 0.4486666230878, 1e-12);
}

TEST(MannWhitney, UnequalSizes) {
  const auto result = mann_whitney(Sample{1.1, 2.2, 3.3, 4.4, 5.5}, Sample{2, 3, 4, 5, 6, 7});
  ASSERT_TRUE(result);
  EXPECT_DOUBLE_EQ(result->u, 10);
  EXPECT_NEAR(result->p, 0.428571428571, 1e-12);
}

TEST(MannWhitney, SwappingTheSamplesKeepsP) {
  std::mt19937_64 generator(7);
  for (int round = 0; round < 50; ++round) {
    const Sample a = noise(generator, 100, 3 + generator() % 9);
    Sample b = noise(generator, 100.5, 3 + generator() % 9);
    b.front() = a.front();  // a tie
    const auto one = mann_whitney(a, b);
    const auto other = mann_whitney(b, a);
    ASSERT_NEAR(one->p, other->p, 1e-12);
    ASSERT_NEAR(one->u + other->u, static_cast<double>(a.size() * b.size()), 1e-9);
    ASSERT_GE(one->p, smallest_mann_whitney_p(a.size(), b.size()) - 1e-12);
    ASSERT_LE(one->p, 1);
  }
}

TEST(MannWhitney, ManyValuesUseTheApproximation) {
  const Sample a = sequence(1, 40);
  const Sample b = sequence(15.5, 40);
  const auto result = mann_whitney(a, b);
  EXPECT_FALSE(result->exact);
  EXPECT_EQ(result->p, mann_whitney_normal_p(a, b));
  // Near the limit both agree.
  EXPECT_NEAR(mann_whitney(sequence(1, 32), sequence(9.5, 32))->p,
              mann_whitney_normal_p(sequence(1, 32), sequence(9.5, 32)), 0.005);
}

TEST(MannWhitney, EqualSamplesDoNotDiffer) {
  EXPECT_EQ(mann_whitney(Sample(8, 5.0), Sample(8, 5.0))->p, 1);
  EXPECT_EQ(mann_whitney_normal_p(Sample(8, 5.0), Sample(8, 5.0)), 1);
  EXPECT_FALSE(mann_whitney(Sample{}, Sample{1}));
}

TEST(Holm, KnownAnswer) {
  const Sample adjusted = holm(Sample{0.01, 0.04, 0.03, 0.005});
  ASSERT_EQ(adjusted.size(), 4U);
  EXPECT_NEAR(adjusted[0], 0.03, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[3], 0.02, 1e-12);
  EXPECT_TRUE(holm(Sample{}).empty());
  EXPECT_EQ(holm(Sample{0.9, 0.8}), (Sample{1, 1}));
}

TEST(RatioInterval, HoldsTheRatioAndRepeats) {
  std::mt19937_64 generator(3);
  const Sample a = noise(generator, 200, 10);
  const Sample b = noise(generator, 100, 10);
  const auto interval = ratio_interval(a, b);
  ASSERT_TRUE(interval);
  EXPECT_LT(interval->low, 0.5);
  EXPECT_GT(interval->high, 0.5);
  EXPECT_LT(interval->high - interval->low, 0.05);
  const auto again = ratio_interval(a, b);
  EXPECT_EQ(interval->low, again->low);
  EXPECT_EQ(interval->high, again->high);
}

TEST(RatioInterval, RefusesFewAndNonPositiveValues) {
  EXPECT_FALSE(ratio_interval(sequence(1, 5), sequence(1, 6)));
  EXPECT_FALSE(ratio_interval(sequence(0, 6), sequence(1, 6)));
  EXPECT_FALSE(ratio_interval(sequence(1, 6), Sample(6, -1.0)));
  const auto constant = ratio_interval(Sample(6, 4.0), Sample(6, 2.0));
  ASSERT_TRUE(constant);
  EXPECT_EQ(constant->low, 0.5);
  EXPECT_EQ(constant->high, 0.5);
}

TEST(Outliers, TukeyFences) {
  EXPECT_EQ(outliers(sequence(1, 10)), 0U);
  EXPECT_EQ(outliers(Sample{10, 11, 10, 12, 11, 10, 95}), 1U);
  // The quartiles are 10 and 12: the fences are at 7 and 15.
  EXPECT_EQ(outliers(Sample{10, 11, 10, 12, 11, 10, 15}), 0U);
  EXPECT_EQ(outliers(Sample{10, 11, 10, 12, 11, 10, 16}), 1U);
  EXPECT_EQ(outliers(Sample{1, 100, 1}), 0U);
}

// An A/A campaign: at level 0.05 about one comparison in twenty is wrong, not more.
TEST(Campaign, AgainstItselfFindsNothing) {
  std::mt19937_64 generator(11);
  int found = 0;
  for (int round = 0; round < 400; ++round)
    found += mann_whitney(noise(generator, 500, 8), noise(generator, 500, 8))->p <= 0.05 ? 1 : 0;
  EXPECT_LE(found, 32);
}

TEST(Campaign, AShiftOfFivePercentIsFound) {
  std::mt19937_64 generator(12);
  for (int round = 0; round < 50; ++round)
    ASSERT_LE(mann_whitney(noise(generator, 500, 10), noise(generator, 525, 10))->p, 0.001);
}

}  // namespace
}  // namespace kairo::reports
