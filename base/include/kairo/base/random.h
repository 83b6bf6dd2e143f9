// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace kairo::base {

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine and standard library,
// which <random>'s distributions do not promise, and any seed is a good one, also those fio derives
// from small job numbers.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // Uniform in [0, n); n >= 1 and below 2^53, where unit() still resolves every value.
  std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>(unit() * static_cast<double>(n));
  }

  // 0 .. 99, by whole numbers only.
  unsigned percent() { return static_cast<unsigned>(((next() >> 32) * 100) >> 32); }

 private:
  std::uint64_t state_;
};

// A seed for a stream of its own.
inline std::uint64_t mix(std::uint64_t seed, std::uint64_t stream) {
  return Random(seed ^ Random(stream).next()).next();
}

}  // namespace kairo::base
