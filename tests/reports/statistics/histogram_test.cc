// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/histogram.h"

#include <gtest/gtest.h>

#include <random>

namespace kairo::reports {
namespace {

Histogram random_histogram(std::uint64_t seed, unsigned samples) {
  std::mt19937_64 generator(seed);
  Histogram out;
  for (unsigned i = 0; i < samples; ++i) out.add(generator() % (1ULL << (generator() % 36)));
  return out;
}

// Midpoints as fio 3.33 prints them: exact below 128, then 64 buckets per power of two.
TEST(Histogram, KnowsFiosBuckets) {
  EXPECT_EQ(Histogram::bucket_of(0), 0U);
  EXPECT_EQ(Histogram::bucket_of(127), 127U);
  EXPECT_EQ(Histogram::bucket_of(128), 128U);
  EXPECT_EQ(Histogram::bucket_of(129), 128U);
  EXPECT_EQ(Histogram::midpoint(128), 129U);
  EXPECT_EQ(Histogram::midpoint(Histogram::kBuckets - 1), 17112760320U);
  EXPECT_EQ(Histogram::bucket_of(UINT64_MAX), Histogram::kBuckets - 1);
}

TEST(Histogram, EveryMidpointIsInItsBucketAndWithin1Of128) {
  for (unsigned bucket = 0; bucket < Histogram::kBuckets; ++bucket) {
    const std::uint64_t middle = Histogram::midpoint(bucket);
    ASSERT_EQ(Histogram::bucket_of(middle), bucket);
    if (bucket == 0) continue;
    ASSERT_GT(middle, Histogram::midpoint(bucket - 1));
  }
  for (std::uint64_t ns = 1; ns < (1ULL << 33); ns = ns * 5 / 4 + 1) {
    const auto middle = static_cast<double>(Histogram::midpoint(Histogram::bucket_of(ns)));
    ASSERT_LE(std::abs(middle - static_cast<double>(ns)), static_cast<double>(ns) / 128) << ns;
  }
}

TEST(Histogram, PercentileIsTheFirstBucketThatReachesTheShare) {
  Histogram histogram;
  histogram.add(10, 50);
  histogram.add(20, 49);
  histogram.add(30, 1);
  EXPECT_EQ(histogram.percentile(50), 10U);
  EXPECT_EQ(histogram.percentile(50.1), 20U);
  EXPECT_EQ(histogram.percentile(99), 20U);
  EXPECT_EQ(histogram.percentile(99.5), 30U);
  EXPECT_EQ(histogram.percentile(100), 30U);
  EXPECT_EQ(Histogram().percentile(50), std::nullopt);
}

// 60 % of 400 is 240, in whatever way a compiler rounds it.
TEST(Histogram, AnExactShareIsReached) {
  Histogram histogram;
  histogram.add(1, 240);
  histogram.add(2, 160);
  EXPECT_EQ(histogram.percentile(60), 1U);
  EXPECT_TRUE(histogram.percentile_is(60, 1));
  EXPECT_TRUE(histogram.percentile_is(60, 2));
  EXPECT_FALSE(histogram.percentile_is(60, 3));
  EXPECT_FALSE(histogram.percentile_is(59, 2));
  EXPECT_FALSE(histogram.percentile_is(61, 1));
}

TEST(Histogram, TooFewSamplesGiveNoPercentile) {
  EXPECT_EQ(samples_needed(50), 20U);
  EXPECT_EQ(samples_needed(99), 1000U);
  EXPECT_EQ(samples_needed(99.9), 10000U);
  EXPECT_EQ(samples_needed(99.99), 100000U);
  Histogram histogram;
  histogram.add(7, 999);
  EXPECT_EQ(histogram.supported_percentile(99), std::nullopt);
  histogram.add(7);
  EXPECT_EQ(histogram.supported_percentile(99), 7U);
}

TEST(Histogram, MergeCommutesAndAssociates) {
  const Histogram a = random_histogram(1, 1009);
  const Histogram b = random_histogram(2, 499);
  const Histogram c = random_histogram(3, 1);
  Histogram ab = a;
  ab.merge(b);
  Histogram ba = b;
  ba.merge(a);
  EXPECT_TRUE(ab == ba);
  Histogram left = ab;
  left.merge(c);
  Histogram bc = b;
  bc.merge(c);
  Histogram right = a;
  right.merge(bc);
  EXPECT_TRUE(left == right);
  EXPECT_EQ(left.count(), 1509U);
  ab.merge(Histogram());
  EXPECT_TRUE(ab == ba);
}

TEST(Histogram, PercentilesAreMonotone) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Histogram histogram = random_histogram(seed, 313);
    std::uint64_t last = 0;
    for (double percent = 0.5; percent <= 100; percent += 0.5) {
      const std::uint64_t value = *histogram.percentile(percent);
      ASSERT_GE(value, last);
      last = value;
    }
    EXPECT_EQ(Histogram::bucket_of(last), histogram.last_bucket());
  }
}

}  // namespace
}  // namespace kairo::reports
