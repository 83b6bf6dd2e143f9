// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// How many I/Os of each kind the scenarios of metadata_probe send and metadata_test.cc has to find:
// primes, so that none is taken for another.
namespace kairo::testing::metadata_counts {

// "contexts": of two contexts, and without an attribute.
inline constexpr unsigned kFirstDecode = 101;
inline constexpr unsigned kFirstPrefill = 29;
inline constexpr unsigned kSecondPrefetch = 53;
inline constexpr unsigned kNoAttribute = 17;

// "process": of one context for all rings.
inline constexpr unsigned kByItsRing = 11;
inline constexpr unsigned kByAnotherRing = 23;
inline constexpr unsigned kInRegion = 13;

// "lifetime": reads of each of the three ways to wait before the attribute is spoilt.
inline constexpr unsigned kSpoilt = 20;
inline constexpr unsigned kWaysToWait = 3;

// "late": prefetch reads by their deadline.
inline constexpr unsigned kTooLate = 13;
inline constexpr unsigned kInTime = 7;
inline constexpr unsigned kNoDeadline = 5;

// "file": of a file with a class, by system call and by ring; and what has none.
inline constexpr unsigned kFileReads = 5;
inline constexpr unsigned kFileRingReads = 6;
inline constexpr unsigned kFileRingWrites = 7;
inline constexpr unsigned kFileFlagReads = 5;  // prefetch by flag
inline constexpr unsigned kOtherFileReads = 2;
inline constexpr unsigned kClearedReads = 3;

// "deadlines": prefetch reads at once, each wanted before the one submitted before it.
inline constexpr unsigned kDeadlines = 8;

}  // namespace kairo::testing::metadata_counts
