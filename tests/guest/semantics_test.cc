// SPDX-License-Identifier: GPL-2.0-only
// KAIRO_RW_* flags on the booted kernel: prime numbers of I/Os, by the counters and the tracepoint,
// and what the two that do something do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe_guest.h"
#include "semantics_counts.h"

namespace kairo::testing {
namespace {

namespace counts = semantics_counts;
using ::testing::HasSubstr;

TEST(GuestSemantics, EachFlagReachesTheRequestAndIsCounted) {
  const base::TempDir out = boot_kept(probe_guest(), R"sh(
kairo_device size_gib=1
# Adaptive, it would split prefill where that is faster.
echo off > /sys/block/kssd0/queue/iosched/control || fail control
echo 1 > $events/kairo_semantics/enable || fail "no tracepoint kairo_semantics"
probe semantics /dev/kssd0
cat $debug/semantics > /out/semantics
cat $debug/contexts > /out/contexts
traced() { echo "$1 $(grep kairo_semantics: /sys/kernel/tracing/trace | grep -c "$2")"; }
{
  traced ephemeral 'prefill .* flags ephemeral context 0'
  traced recomputable 'decode .* flags recomputable context 0'
  traced both 'normal .* flags recomputable|no_durability context 0'
  traced evict_cleanup 'evict .* flags evict_cleanup context 0'
  traced with_context 'prefetch .* flags avoid_pagecache context [1-9]'
  traced all .
} > /out/traced
)sh");
  const unsigned both = counts::kRecomputableAndNotDurable;
  const Numbers counted = {{"ephemeral", counts::kEphemeral},
                           {"recomputable", counts::kRecomputable + both},
                           {"evict_cleanup", counts::kEvictCleanup},
                           {"no_durability", both},
                           {"avoid_pagecache", counts::kAvoidPageCache}};
  EXPECT_EQ(saved_numbers(out.path() / "semantics", 1), counted);
  const Numbers traced = {{"ephemeral", counts::kEphemeral},
                          {"recomputable", counts::kRecomputable},
                          {"both", both},
                          {"evict_cleanup", counts::kEvictCleanup},
                          {"with_context", counts::kAvoidPageCache},
                          {"all", counts::kFlagged}};
  EXPECT_EQ(saved_numbers(out.path() / "traced"), traced);
  const auto contexts = saved_numbers(out.path() / "contexts", 1);
  EXPECT_EQ(contexts.at("lifetime_session"), counts::kAvoidPageCache + counts::kOfContext);
  EXPECT_EQ(contexts.at("recomputable"), 0U) << "of the context, not of the I/O";
}

TEST(GuestSemantics, WhatContradictsItselfIsRefused) {
  boot_ok(probe_guest(), "kairo_device size_gib=1\nprobe contradictions /dev/kssd0\n");
}

TEST(GuestSemantics, FsyncStillFlushes) {
  const auto result = boot_ok(probe_guest(), R"sh(
kairo_device size_gib=1
echo 1 > $events/../block/block_rq_issue/enable || fail "no tracepoint block_rq_issue"
before=$(awk '$1 == "flushes" { print $2 }' $stats)
probe durability /dev/kssd0
issued() { echo "$1 $(grep block_rq_issue: /sys/kernel/tracing/trace | grep -c " $2 ")"; }
echo "$(issued durable WFS) $(issued written WS) $(issued flushed FF)" \
  "model $(($(awk '$1 == "flushes" { print $2 }' $stats) - before))"
)sh");
  EXPECT_THAT(result.output, HasSubstr(fmt::format("durable {} written {} flushed 1 model 1\n",
                                                   counts::kDurable + counts::kDurableEphemeral +
                                                       counts::kDurableLast,
                                                   counts::kNotDurable)));
}

TEST(GuestSemantics, NoPagesAreLeft) {
  kernel::GuestSpec spec = probe_guest();
  add_file_system(spec);
  boot_ok(spec, R"sh(
kairo_device size_gib=1 memory_backed=1
make_file_system 256m
dd if=/dev/zero of=/tmp/m/file bs=64k count=16 2> /dev/null || fail dd
sync
echo 3 > /proc/sys/vm/drop_caches
probe page_cache /tmp/m/file
umount /tmp/m
echo 3 > /proc/sys/vm/drop_caches
probe page_cache /dev/kssd0
dd if=/dev/zero of=/tmp/file bs=64k count=1 2> /dev/null || fail dd
probe no_direct_io /tmp/file
)sh");
}

}  // namespace
}  // namespace kairo::testing
