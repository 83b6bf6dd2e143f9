// SPDX-License-Identifier: GPL-2.0-only
// Attributes, contexts, deadlines and file classes on the booted kernel: prime numbers of I/Os go
// in through metadata_probe, the counters and tracepoints have exactly those numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metadata_counts.h"
#include "probe_guest.h"

namespace kairo::testing {
namespace {

namespace counts = metadata_counts;
using ::testing::HasSubstr;

TEST(GuestMetadata, WhatIsUnknownIsRefused) {
  boot_ok(probe_guest(), R"sh(
kairo_device size_gib=1
probe refusals /dev/kssd0
probe nonsense /dev/kssd0
)sh");
}

TEST(GuestMetadata, TwoContextsOnOneRingGiveTwoKindsOfRequests) {
  kernel::GuestSpec spec = probe_guest();
  const base::TempDir out = keep_output(spec);
  const auto result = boot_ok(spec, R"sh(
kairo_device size_gib=1
# Adaptive, it would split prefill to see whether that is faster.
echo off > /sys/block/kssd0/queue/iosched/control || fail control
echo 4096 > /sys/kernel/tracing/buffer_size_kb
echo 1 > $events/kairo_context/enable || fail "no tracepoint kairo_context"
probe contexts /dev/kssd0 > /out/ids
cat $counters > /out/counters
cat $debug/contexts > /out/contexts
trace() { grep kairo_context: /sys/kernel/tracing/trace | grep -c "$1"; }
set -- $(cat /out/ids)
echo "decode $(trace "decode .* id $2 seq $5 model 7 session 11 pool 3 group 0 lifetime session weight 100 recomputable 1 recompute_us 2500")"
echo "prefill $(trace "prefill .* id $2 seq $5 model 7 session 11 .* lifetime session")"
echo "prefetch $(trace "prefetch .* id $3 seq $6 model 7 session 22 pool 0 group 0 lifetime model weight 100 recomputable 0 recompute_us 0")"
echo "all $(trace .)"
)sh");
  EXPECT_THAT(result.output,
              HasSubstr(fmt::format(
                  "decode {}\nprefill {}\nprefetch {}\nall {}\n", counts::kFirstDecode,
                  counts::kFirstPrefill, counts::kSecondPrefetch,
                  counts::kFirstDecode + counts::kFirstPrefill + counts::kSecondPrefetch)));

  const auto counters = saved_counters(out.path());
  for (const auto& [cls, ios] : {std::pair{"decode", counts::kFirstDecode},
                                 {"prefill", counts::kFirstPrefill},
                                 {"prefetch", counts::kSecondPrefetch},
                                 {"normal", counts::kNoAttribute},
                                 {"evict", 0U}}) {
    EXPECT_EQ(counters.at(cls).at("queued"), ios) << cls;
    EXPECT_EQ(counters.at(cls).at("completed"), ios) << cls;
  }
  EXPECT_EQ(counters.at("prefetch").at("due"), counts::kSecondPrefetch);
  EXPECT_EQ(counters.at("decode").at("due"), 0U);
  const unsigned first = counts::kFirstDecode + counts::kFirstPrefill;
  const Numbers wanted = {{"lifetime_none", 0},        {"lifetime_short", 0},
                          {"lifetime_session", first}, {"lifetime_model", counts::kSecondPrefetch},
                          {"lifetime_persistent", 0},  {"recomputable", first}};
  EXPECT_EQ(saved_numbers(out.path() / "contexts", 1), wanted);
}

TEST(GuestMetadata, AnIdComesBackWhenItsLastIoHasEnded) {
  kernel::GuestSpec spec = probe_guest();
  add_in_flight(spec, "in_flight");
  boot_ok(spec);
}

TEST(GuestMetadata, AContextCanBeForAllRingsOfAProcess) {
  const base::TempDir out = boot_kept(probe_guest(), R"sh(
kairo_device size_gib=1
probe process /dev/kssd0
cat $debug/contexts > /out/contexts
)sh");
  const unsigned all = counts::kByItsRing + counts::kByAnotherRing + counts::kInRegion;
  const Numbers wanted = {{"lifetime_none", 0},       {"lifetime_short", 0},
                          {"lifetime_session", all},  {"lifetime_model", 0},
                          {"lifetime_persistent", 0}, {"recomputable", 0}};
  EXPECT_EQ(saved_numbers(out.path() / "contexts", 1), wanted);
}

// With a kernel thread that submits, and without: the rule that linux/kairo.h and hint.hpp state.
TEST(GuestMetadata, AnAttributeIsReadWhenItsSubmissionIsConsumed) {
  const base::TempDir out = boot_kept(probe_guest(), R"sh(
kairo_device size_gib=1
probe lifetime /dev/kssd0
cat $counters > /out/counters
probe too_early /dev/kssd0
)sh");
  // As many each: behind io_uring_enter(), behind the head of the queue, behind the completion.
  const auto counters = saved_counters(out.path());
  EXPECT_EQ(counters.at("decode").at("queued"), counts::kSpoilt * counts::kWaysToWait);
  EXPECT_EQ(counters.at("normal").at("queued"), 0U);
}

TEST(GuestMetadata, AnIdStaysWithItsLastIoWhenItsRingGoes) {
  kernel::GuestSpec spec = probe_guest();
  add_in_flight(spec, "process_in_flight");
  boot_ok(spec);
}

TEST(GuestMetadata, AUserHasALimitAndFewRights) {
  boot_ok(probe_guest(), R"sh(
kairo_device size_gib=1
probe unprivileged /dev/kssd0
probe limit /dev/kssd0
)sh");
}

TEST(GuestMetadata, EarlierDeadlinesGoFirst) {
  const auto result = boot_ok(probe_guest(), R"sh(
kairo_device size_gib=1 order_log=64
echo off > /sys/block/kssd0/queue/iosched/control
echo 64 > /sys/block/kssd0/queue/iosched/prefetch_budget_kib || fail budget
# The budgets hold only while there are decode reads.
echo 10000 > /sys/block/kssd0/queue/iosched/decode_idle_ms || fail decode_idle_ms
probe refusals /dev/kssd0
probe deadlines /dev/kssd0
# IOPRIO_HINT_KV_PREFETCH_BY and the 64 from there
echo "order $(pick /sys/kernel/debug/kairo_ssd/kssd0/order_log hint sector |
  awk '$1 >= 64 && $1 < 128 { printf "%d ", $2 / 256 }')"
)sh");
  std::string wanted;
  for (unsigned i = counts::kDeadlines; i-- > 0;) wanted += fmt::format("{} ", i);
  EXPECT_THAT(result.output, HasSubstr("order " + wanted));
}

TEST(GuestMetadata, LateIsLaterThanTheDeadline) {
  const base::TempDir out = boot_kept(probe_guest(), R"sh(
kairo_device size_gib=1 read_us=1000
probe late /dev/kssd0
cat $counters > /out/counters
)sh");
  const auto counters = saved_counters(out.path());
  EXPECT_EQ(counters.at("prefetch").at("queued"),
            counts::kTooLate + counts::kInTime + counts::kNoDeadline);
  EXPECT_EQ(counters.at("prefetch").at("due"), counts::kTooLate + counts::kInTime);
  EXPECT_EQ(counters.at("prefetch").at("late"), counts::kTooLate);
}

TEST(GuestMetadata, AFileHasAClassForIoWithoutAHint) {
  const base::TempDir out = boot_kept(probe_guest(), R"sh(
kairo_device size_gib=1
probe file /dev/kssd0
cat $counters > /out/counters
)sh");
  const auto counters = saved_counters(out.path());
  EXPECT_EQ(counters.at("decode").at("queued"), counts::kFileReads + counts::kFileRingReads);
  EXPECT_EQ(counters.at("prefill").at("queued"), counts::kFileRingWrites);
  EXPECT_EQ(counters.at("prefetch").at("queued"), counts::kFileFlagReads);
  EXPECT_EQ(counters.at("normal").at("queued"), counts::kOtherFileReads + counts::kClearedReads);
}

// The lab kernel here; the debug kernel does the same with KASAN and lockdep.
TEST(GuestMetadata, RandomSubmissionsAreAnsweredAndFreeWhatTheyTook) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto result = boot_ok(probe_guest(), fmt::format(R"sh(
kairo_device size_gib=1
probe fuzz /dev/kssd0 {} 400
balanced
all_ended
# All contexts went with their ring: a user has all of them again.
probe limit /dev/kssd0
)sh",
                                                           seed));
    EXPECT_THAT(result.output, HasSubstr(fmt::format("seed {}\n400 rounds, ", seed)));
  }
}

}  // namespace
}  // namespace kairo::testing
