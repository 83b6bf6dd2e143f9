// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// How many I/Os of each kind stock_probe.cc sends and stock_test.cc has to find: primes, and no sum
// of some is another.
namespace kairo::testing::stock_counts {

inline constexpr unsigned kNoHint = 5;
inline constexpr unsigned kDecode = 7;
inline constexpr unsigned kPrefetch = 11;
inline constexpr unsigned kPrefill = 13;
inline constexpr unsigned kNoClass = 17;
inline constexpr unsigned kMoreByAio = 30;  // of each kind: 37, 41, 43, 47 are primes, 35 is not

inline constexpr unsigned kDirectByTask = 101;
inline constexpr unsigned kBufferedByTask = 103;  // pages

}  // namespace kairo::testing::stock_counts
