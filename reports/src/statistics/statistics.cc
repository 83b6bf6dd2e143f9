// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "kairo/base/quantile.h"

namespace kairo::reports {

using base::median_of_sorted;

namespace {

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> out(values.begin(), values.end());
  std::sort(out.begin(), out.end());
  return out;
}

// Twice the midrank of each value, a's first: whole numbers, so sums compare exactly.
struct DoubledRanks {
  std::vector<std::uint64_t> ranks;
  double tie_term = 0;  // sum of t^3 - t over groups of t equal values
};

DoubledRanks doubled_ranks(std::span<const double> a, std::span<const double> b) {
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    return all[x] < all[y] || (all[x] == all[y] && x < y);
  });
  DoubledRanks out;
  out.ranks.resize(all.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && all[order[last + 1]] == all[order[first]]) ++last;
    for (std::size_t i = first; i <= last; ++i) out.ranks[order[i]] = first + last + 2;
    const auto equal = static_cast<double>(last - first + 1);
    out.tie_term += equal * equal * equal - equal;
    first = last + 1;
  }
  return out;
}

// Two-sided p of a rank sum under all C(N, n) choices of n of the ranks: how many are at least as
// far from the middle. ways[k][s] counts the choices of k ranks with (doubled) sum s.
double permutation_p(const std::vector<std::uint64_t>& ranks, std::size_t n) {
  const std::uint64_t total = std::accumulate(ranks.begin(), ranks.end(), std::uint64_t{0});
  std::vector<std::vector<double>> ways(n + 1, std::vector<double>(total + 1, 0.0));
  ways[0][0] = 1;
  std::size_t used = 0;
  for (const std::uint64_t rank : ranks) {
    ++used;
    for (std::size_t k = std::min(used, n); k >= 1; --k) {
      for (std::uint64_t sum = total; sum >= rank; --sum) ways[k][sum] += ways[k - 1][sum - rank];
    }
  }
  std::uint64_t observed = 0;
  for (std::size_t i = 0; i < n; ++i) observed += ranks[i];
  // The middle is n / N of the total; compared in units of 1/N to stay in whole numbers.
  const auto distance = [&](std::uint64_t sum) {
    const auto scaled = static_cast<std::int64_t>(sum * ranks.size());
    return std::abs(scaled - static_cast<std::int64_t>(total * n));
  };
  double as_far = 0;
  double all = 0;
  for (std::uint64_t sum = 0; sum <= total; ++sum) {
    all += ways[n][sum];
    if (distance(sum) >= distance(observed)) as_far += ways[n][sum];
  }
  return std::min(1.0, as_far / all);
}

double u_of_first(const std::vector<std::uint64_t>& ranks, std::size_t n) {
  std::uint64_t doubled = 0;
  for (std::size_t i = 0; i < n; ++i) doubled += ranks[i];
  const auto size = static_cast<double>(n);
  return static_cast<double>(doubled) / 2 - size * (size + 1) / 2;
}

// Whole numbers below `bound` from the generator's high bits: the standard's distributions differ
// between libraries, and a report must not.
std::size_t draw(std::mt19937_64& generator, std::size_t bound) {
  return static_cast<std::size_t>((generator() >> 32) * bound >> 32);
}

double resampled_median(std::mt19937_64& generator, std::span<const double> values,
                        std::vector<double>& scratch) {
  scratch.resize(values.size());
  for (double& value : scratch) value = values[draw(generator, values.size())];
  std::sort(scratch.begin(), scratch.end());
  return median_of_sorted(scratch);
}

}  // namespace

std::optional<double> median(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  return median_of_sorted(sorted(values));
}

double median_interval_confidence(std::size_t n, std::size_t k) {
  // The median is outside on one side when fewer than k of n values lie there: Binomial(n, 1/2).
  double outside = 0;
  for (std::size_t i = 0; i < k; ++i) {
    const double log_choose = std::lgamma(static_cast<double>(n) + 1) -
                              std::lgamma(static_cast<double>(i) + 1) -
                              std::lgamma(static_cast<double>(n - i) + 1);
    outside += std::exp(log_choose - static_cast<double>(n) * std::log(2.0));
  }
  return 1 - 2 * outside;
}

std::optional<Interval> median_interval(std::span<const double> values, double confidence) {
  const std::size_t n = values.size();
  std::size_t k = 0;
  while (2 * (k + 1) <= n && median_interval_confidence(n, k + 1) >= confidence) ++k;
  if (k == 0) return std::nullopt;
  const std::vector<double> ordered = sorted(values);
  return Interval{ordered[k - 1], ordered[n - k]};
}

double mann_whitney_normal_p(std::span<const double> a, std::span<const double> b) {
  const DoubledRanks ranked = doubled_ranks(a, b);
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  const double all = n + m;
  const double variance = n * m / 12 * ((all + 1) - ranked.tie_term / (all * (all - 1)));
  if (variance <= 0) return 1;
  const double distance =
      std::max(0.0, std::abs(u_of_first(ranked.ranks, a.size()) - n * m / 2) - 0.5);
  return std::min(1.0, std::erfc(distance / std::sqrt(2 * variance)));
}

std::optional<MannWhitney> mann_whitney(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return std::nullopt;
  const DoubledRanks ranked = doubled_ranks(a, b);
  const double u = u_of_first(ranked.ranks, a.size());
  if (a.size() + b.size() > kExactLimit) return MannWhitney{u, mann_whitney_normal_p(a, b), false};
  return MannWhitney{u, permutation_p(ranked.ranks, a.size()), true};
}

double smallest_mann_whitney_p(std::size_t n, std::size_t m) {
  double p = 2;
  for (std::size_t i = 1; i <= n; ++i) p *= static_cast<double>(i) / static_cast<double>(m + i);
  return std::min(1.0, p);
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    return p_values[x] < p_values[y] || (p_values[x] == p_values[y] && x < y);
  });
  std::vector<double> adjusted(p_values.size());
  double highest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<double>(p_values.size() - i);
    highest = std::max(highest, std::min(1.0, left * p_values[order[i]]));
    adjusted[order[i]] = highest;
  }
  return adjusted;
}

std::optional<Interval> ratio_interval(std::span<const double> a, std::span<const double> b,
                                       double confidence, std::uint64_t seed, unsigned resamples) {
  const auto not_positive = [](double value) { return !(value > 0); };
  if (a.size() < 6 || b.size() < 6 || resamples == 0) return std::nullopt;
  if (std::any_of(a.begin(), a.end(), not_positive) ||
      std::any_of(b.begin(), b.end(), not_positive))
    return std::nullopt;
  std::mt19937_64 generator(seed);
  std::vector<double> scratch;
  std::vector<double> ratios(resamples);
  for (double& ratio : ratios) {
    const double base = resampled_median(generator, a, scratch);
    ratio = resampled_median(generator, b, scratch) / base;
  }
  std::sort(ratios.begin(), ratios.end());
  const double tail = (1 - confidence) / 2;
  const auto last = static_cast<double>(resamples - 1);
  return Interval{ratios[static_cast<std::size_t>(std::floor(tail * last))],
                  ratios[static_cast<std::size_t>(std::ceil((1 - tail) * last))]};
}

std::size_t outliers(std::span<const double> values) {
  if (values.size() < 4) return 0;
  const std::vector<double> ordered = sorted(values);
  const std::size_t half = ordered.size() / 2;
  const std::span<const double> view(ordered);
  const double low = median_of_sorted(view.first(half));
  const double high = median_of_sorted(view.last(half));
  const double reach = 1.5 * (high - low);
  return static_cast<std::size_t>(std::count_if(ordered.begin(), ordered.end(), [&](double value) {
    return value < low - reach || value > high + reach;
  }));
}

}  // namespace kairo::reports
