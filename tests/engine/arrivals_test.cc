// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "pacer.h"

namespace kairo::engine {
namespace {

std::vector<std::uint64_t> arrivals(double rate, std::uint64_t seed, std::size_t count) {
  PoissonArrivals source(rate, seed);
  std::vector<std::uint64_t> times(count);
  for (auto& time : times) time = source.next();
  return times;
}

TEST(Arrivals, TheSeedDecides) {
  EXPECT_EQ(arrivals(1000, 7, 100), arrivals(1000, 7, 100));
  EXPECT_NE(arrivals(1000, 7, 100), arrivals(1000, 8, 100));
}

TEST(Arrivals, TimesNeverGoBack) {
  const auto times = arrivals(1e8, 3, 10000);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i], times[i - 1]);
}

// Known properties of a Poisson process, each within five standard errors.
TEST(Arrivals, GapsAreExponential) {
  constexpr std::size_t kCount = 200'000;
  constexpr double kMean = 1e9 / 2000;
  const auto times = arrivals(2000, 42, kCount);
  double sum = 0;
  double squares = 0;
  std::size_t above_mean = 0;
  std::uint64_t before = 0;
  for (const auto time : times) {
    const double gap = static_cast<double>(time - before);
    before = time;
    sum += gap;
    squares += gap * gap;
    above_mean += gap > kMean ? 1 : 0;
  }
  const double n = kCount;
  EXPECT_NEAR(sum / n, kMean, 5 * kMean / std::sqrt(n));
  // Variance = mean^2; its standard error is sqrt(8/n) of it.
  const double variance = squares / n - (sum / n) * (sum / n);
  EXPECT_NEAR(variance / (kMean * kMean), 1.0, 5 * std::sqrt(8 / n));
  const double share = std::exp(-1.0);
  EXPECT_NEAR(static_cast<double>(above_mean) / n, share, 5 * std::sqrt(share * (1 - share) / n));
}

}  // namespace
}  // namespace kairo::engine
