// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace kairo::reports {

// fio's latency histogram (fio 3.33, stat.h: PLAT_BITS 6, 29 groups of 64): 1,856 log-linear
// buckets, exact below 128 ns, at most 1/128 wide above, the last one from 17.05 s up. Counts add,
// so merging runs, jobs or hosts is exact; percentiles do not average and are always taken
// afterwards.
class Histogram {
 public:
  static constexpr unsigned kBuckets = 1856;

  // The bucket that holds a latency, and the midpoint that fio prints for a bucket.
  static unsigned bucket_of(std::uint64_t ns);
  static std::uint64_t midpoint(unsigned bucket);

  // The lower edge of the last bucket: what lies in it took at least that long.
  static constexpr std::uint64_t kOpenNs = 127ULL << 27;
  static bool is_open(double ns) { return ns >= static_cast<double>(kOpenNs); }

  void add(std::uint64_t ns, std::uint64_t count = 1) { add_bucket(bucket_of(ns), count); }
  void add_bucket(unsigned bucket, std::uint64_t count);
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return total_; }
  [[nodiscard]] std::uint64_t bucket_count(unsigned bucket) const;
  [[nodiscard]] unsigned first_bucket() const;  // of those with samples; kBuckets when empty
  [[nodiscard]] unsigned last_bucket() const;

  // fio's rule: midpoint of the first bucket up to which `percent` of the samples lie. `percent` is
  // above 0 and at most 100, as fio prints it (99.9). nullopt when empty.
  [[nodiscard]] std::optional<std::uint64_t> percentile(double percent) const;

  // Whether fio can have printed `ns` for this percentile. Where the sum reaches percent * N
  // exactly, a fio built with -ffast-math may round to the next bucket; anywhere else only
  // percentile() is right.
  [[nodiscard]] bool percentile_is(double percent, std::uint64_t ns) const;

  // percentile(), unless the samples are too few to support it. In the last bucket its lower edge,
  // kOpenNs: the middle that fio prints says nothing about a bucket without an end.
  [[nodiscard]] std::optional<std::uint64_t> supported_percentile(double percent) const;

  bool operator==(const Histogram& other) const;

 private:
  // Midpoint of the first bucket whose sum, times 100, is at least `hundredfold`.
  [[nodiscard]] std::uint64_t value_up_to(long double hundredfold) const;

  std::vector<std::uint64_t> counts_;  // as long as the last bucket with samples needs
  std::uint64_t total_ = 0;
};

// A percentile needs ten samples beyond it: 10 / (1 - q), 1,000 for p99, 10,000 for p99.9.
std::uint64_t samples_needed(double percent);

}  // namespace kairo::reports
