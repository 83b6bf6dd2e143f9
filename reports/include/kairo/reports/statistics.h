// SPDX-License-Identifier: GPL-2.0-only
// Statistics over runs. The sample is one figure per run (its p99, its rate), never one I/O: I/Os
// of a run are not independent. Every function is pure and deterministic.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kairo::reports {

struct Interval {
  double low;
  double high;
};

// The middle value, or the mean of the two middle ones. nullopt for no values.
std::optional<double> median(std::span<const double> values);

// Confidence that [x(k), x(n+1-k)] holds the population's median, k from 1: 0.9375 for n = 5, k
// = 1.
double median_interval_confidence(std::size_t n, std::size_t k);

// The narrowest such interval with at least `confidence`; nullopt when n is too small (95 % needs
// 6).
std::optional<Interval> median_interval(std::span<const double> values, double confidence = 0.95);

struct MannWhitney {
  double u;    // of the first sample, ties count one half
  double p;    // two-sided
  bool exact;  // from the permutation distribution with midranks
};

// Up to this many values in both samples together the p value is exact.
inline constexpr std::size_t kExactLimit = 64;

// Two-sided Mann-Whitney test. nullopt when a sample is empty.
std::optional<MannWhitney> mann_whitney(std::span<const double> a, std::span<const double> b);

// The two-sided p by the normal approximation with tie and continuity correction: what
// mann_whitney() uses above kExactLimit.
double mann_whitney_normal_p(std::span<const double> a, std::span<const double> b);

// The smallest p that n against m values can give, 2 / C(n + m, n): when even that is above the
// level, the data cannot decide.
double smallest_mann_whitney_p(std::size_t n, std::size_t m);

// Holm's step-down adjustment of a family of p values, in their order, each at most 1.
std::vector<double> holm(std::span<const double> p_values);

inline constexpr std::uint64_t kBootstrapSeed = 1;
inline constexpr unsigned kBootstrapResamples = 10000;

// Percentile-bootstrap interval of median(b) / median(a). nullopt when a sample has fewer than 6
// values or a value that is not above 0.
std::optional<Interval> ratio_interval(std::span<const double> a, std::span<const double> b,
                                       double confidence = 0.95,
                                       std::uint64_t seed = kBootstrapSeed,
                                       unsigned resamples = kBootstrapResamples);

// How many values lie outside Tukey's fences (1.5 interquartile ranges). Marked, never dropped.
std::size_t outliers(std::span<const double> values);

}  // namespace kairo::reports
