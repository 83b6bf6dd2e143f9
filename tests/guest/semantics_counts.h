// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// How many I/Os of each kind semantics_probe.cc sends and semantics_test.cc has to find: primes, so
// that none is taken for another or for a sum that it should not be in.
namespace kairo::testing::semantics_counts {

inline constexpr unsigned kEphemeral = 101;
inline constexpr unsigned kRecomputable = 53;
inline constexpr unsigned kRecomputableAndNotDurable = 29;
inline constexpr unsigned kEvictCleanup = 17;
inline constexpr unsigned kAvoidPageCache = 13;  // with a context
inline constexpr unsigned kOfContext = 7;        // without a flag
inline constexpr unsigned kPlain = 5;
// With one flag or more.
inline constexpr unsigned kFlagged =
    kEphemeral + kRecomputable + kRecomputableAndNotDurable + kEvictCleanup + kAvoidPageCache;

// Through a descriptor with O_DSYNC; one fsync is before the last of them.
inline constexpr unsigned kDurable = 11;
inline constexpr unsigned kDurableEphemeral = 13;
inline constexpr unsigned kNotDurable = 17;
inline constexpr unsigned kDurableLast = 3;

}  // namespace kairo::testing::semantics_counts
