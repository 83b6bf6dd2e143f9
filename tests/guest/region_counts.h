// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// How many I/Os of each kind region_probe.cc sends to its two regions and region_test.cc and
// tracing_test.cc have to find: primes, so that none is taken for another.
namespace kairo::testing::region_counts {

// Inside the first region, which has a context, and the second one.
inline constexpr unsigned kDecode = 101;
inline constexpr unsigned kPrefill = 29;
inline constexpr unsigned kPrefetch = 53;  // the second
inline constexpr unsigned kNoClass = 13;   // the second, which has none for writes
inline constexpr unsigned kFixedRead = 31;
inline constexpr unsigned kFixedWrite = 37;
inline constexpr unsigned kByWorker = 41;
inline constexpr unsigned kVectored = 43;
inline constexpr unsigned kLastPage = 47;

// Beside them, and across their borders.
inline constexpr unsigned kOutside = 17;
inline constexpr unsigned kInto = 7;
inline constexpr unsigned kBetween = 11;
inline constexpr unsigned kOutOf = 3;
inline constexpr unsigned kCrossing = kInto + kBetween + kOutOf;

// Inside the first, with something said by the I/O itself.
inline constexpr unsigned kFlag = 5;
inline constexpr unsigned kPriority = 2;
inline constexpr unsigned kAttribute = 19;  // of the second context
inline constexpr unsigned kAttributeOfNothing = 23;

// In the place of the first when its context is gone, and when it is gone itself.
inline constexpr unsigned kContextGone = 59;
inline constexpr unsigned kRegionGone = 61;

// What the first context and the first region are found to have.
inline constexpr unsigned kFirstDecode = kDecode + kFixedRead + kByWorker + kVectored + kLastPage;
inline constexpr unsigned kFirstPrefill = kPrefill + kFixedWrite;
inline constexpr unsigned kFirstPrefetch = kFlag + kPriority;
inline constexpr unsigned kFirstContext = kFirstDecode + kFirstPrefill + kFirstPrefetch;

}  // namespace kairo::testing::region_counts
