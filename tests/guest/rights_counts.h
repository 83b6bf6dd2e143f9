// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// How many writes rights_probe.cc sends and rights_test.cc has to find: primes, so that none is
// taken for another.
namespace kairo::testing::rights_counts {

inline constexpr unsigned kDurable = 47;  // root's
// A user's, without durability.
inline constexpr unsigned kPrefill = 53;
inline constexpr unsigned kCleanUp = 61;

}  // namespace kairo::testing::rights_counts
