// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// How many I/Os of each kind stack_probe.cc sends and stack_test.cc has to find: primes, so that
// none is taken for another.
namespace kairo::testing::stack_counts {

inline constexpr unsigned kNoHint = 7;
inline constexpr unsigned kDecodeByPriority = 11;
inline constexpr unsigned kPrefetchByFlag = 13;
inline constexpr unsigned kPrefillByFlag = 17;
inline constexpr unsigned kDecodeOfContext = 19;
inline constexpr unsigned kPrefillOfContext = 23;  // ephemeral
inline constexpr unsigned kCleanUp = 5;            // evicting writes
inline constexpr unsigned kDiscards = 3;

}  // namespace kairo::testing::stack_counts
