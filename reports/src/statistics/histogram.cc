// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kairo::reports {
namespace {

constexpr unsigned kBits = 6;
// Some units in the last place of a long double.
constexpr long double kFastMathSlack = 1e-18L;
constexpr unsigned kPerGroup = 1U << kBits;

}  // namespace

unsigned Histogram::bucket_of(std::uint64_t ns) {
  const unsigned msb = ns == 0 ? 0 : static_cast<unsigned>(std::bit_width(ns)) - 1;
  if (msb <= kBits) return static_cast<unsigned>(ns);
  const unsigned error_bits = msb - kBits;
  const unsigned base = (error_bits + 1) << kBits;
  const auto offset = static_cast<unsigned>(ns >> error_bits) & (kPerGroup - 1);
  return std::min(base + offset, kBuckets - 1);
}

std::uint64_t Histogram::midpoint(unsigned bucket) {
  if (bucket < 2 * kPerGroup) return bucket;
  const unsigned error_bits = (bucket >> kBits) - 1;
  const std::uint64_t base = 1ULL << (error_bits + kBits);
  const std::uint64_t in_group = bucket % kPerGroup;
  return base + (in_group << error_bits) + (1ULL << (error_bits - 1));
}

void Histogram::add_bucket(unsigned bucket, std::uint64_t count) {
  if (count == 0) return;
  if (bucket >= counts_.size()) counts_.resize(bucket + 1);
  counts_[bucket] += count;
  total_ += count;
}

void Histogram::merge(const Histogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
}

std::uint64_t Histogram::bucket_count(unsigned bucket) const {
  return bucket < counts_.size() ? counts_[bucket] : 0;
}

unsigned Histogram::first_bucket() const {
  for (unsigned i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) return i;
  }
  return kBuckets;
}

unsigned Histogram::last_bucket() const {
  return counts_.empty() ? kBuckets : static_cast<unsigned>(counts_.size()) - 1;
}

std::uint64_t Histogram::value_up_to(long double hundredfold) const {
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < counts_.size(); ++i) {
    sum += counts_[i];
    if (counts_[i] != 0 && 100 * static_cast<long double>(sum) >= hundredfold) return midpoint(i);
  }
  return midpoint(last_bucket());
}

std::optional<std::uint64_t> Histogram::percentile(double percent) const {
  if (total_ == 0) return std::nullopt;
  // fio (stat.c, calc_clat_percentiles) compares the sum with percent / 100 * N in long double. The
  // division is avoided here: 60 / 100 * 400 is a little more than 240 when it is rounded.
  return value_up_to(static_cast<long double>(percent) * static_cast<long double>(total_));
}

bool Histogram::percentile_is(double percent, std::uint64_t ns) const {
  if (total_ == 0) return false;
  const long double wanted = static_cast<long double>(percent) * static_cast<long double>(total_);
  return ns == value_up_to(wanted) || ns == value_up_to(wanted * (1 - kFastMathSlack)) ||
         ns == value_up_to(wanted * (1 + kFastMathSlack));
}

std::optional<std::uint64_t> Histogram::supported_percentile(double percent) const {
  if (total_ < samples_needed(percent)) return std::nullopt;
  const auto value = percentile(percent);
  return value ? std::optional(std::min(*value, kOpenNs)) : value;
}

bool Histogram::operator==(const Histogram& other) const {
  return total_ == other.total_ && counts_ == other.counts_;
}

std::uint64_t samples_needed(double percent) {
  if (percent >= 100.0) return 1;
  return static_cast<std::uint64_t>(std::llround(1000.0 / (100.0 - percent)));
}

}  // namespace kairo::reports
