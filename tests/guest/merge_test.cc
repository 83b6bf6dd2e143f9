// SPDX-License-Identifier: GPL-2.0-only
// I/O that merges, on the booted kernel: each fault that was found, and random I/O of every class
// by every carrier against a model of the data, the lists and the counters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "merge_guest.h"

namespace kairo::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

// budgets KIB: each pool may have that in the drive, from one decode read on. What does not fit
// waits in the scheduler, and so does all that finds no tag of the drive.
kernel::GuestSpec budget_guest() {
  kernel::GuestSpec spec = merge_guest();
  spec.script += R"sh(
queue=/sys/block/kssd0/queue
budgets() {
  echo off > $queue/iosched/control || fail control
  for pool in prefetch prefill evict; do
    echo $1 > $queue/iosched/${pool}_budget_kib || fail budget
  done
  echo 10000 > $queue/iosched/decode_idle_ms || fail decode_idle_ms
  echo 256 > $queue/nr_requests || fail nr_requests
}
)sh";
  return spec;
}

// Prefetch reads wait in order of their deadlines; what merged at the front of one was taken out of
// the tree of the normal ones, and the kernel fell over.
TEST(GuestMerge, AUserMergesAtTheFrontOfPrefetch) {
  for (const char* const front_merges : {"1", "0"}) {
    const auto result = boot_ok(budget_guest(), fmt::format(R"sh(
kairo_device size_gib=1 dies=2 read_us=2000
budgets 64
echo {} > $queue/iosched/front_merges || fail front_merges
merge_probe front_of_prefetch /dev/kssd0
balanced
[ $(count prefetch held) -gt 50 ] && held=held || held="not held"
echo "all $(($(count normal queued) + $(count prefetch queued))), $held"
)sh",
                                                            front_merges));
    EXPECT_THAT(result.output, HasSubstr("all 400, held\n"));
  }
}

TEST(GuestMerge, EveryClassMergesAtTheFront) {
  const auto result = boot_ok(budget_guest(), R"sh(
kairo_device size_gib=1 dies=2 read_us=500 program_us=900 tags=2
budgets 64
merge_probe front_of_every_class /dev/kssd0
balanced
for class in normal decode prefetch prefill evict; do echo $class $(count $class queued); done
)sh");
  // 200 that may merge, a decode read before and 200 plain reads after each of the six kinds.
  EXPECT_THAT(result.output,
              HasSubstr("normal 1600\ndecode 206\nprefetch 200\nprefill 200\nevict 200\n"));
}

// The scheduler is not asked where the block layer merges with the request that merged last. What
// waits is checked while it waits: the drive takes one request, for 20 ms.
TEST(GuestMerge, WhatMergedAtTheFrontIsWhereItWas) {
  const auto result = boot_ok(budget_guest(), R"sh(
kairo_device size_gib=1 dies=1 read_us=20000 program_us=20000 tags=1
budgets 64
merge_probe downwards /dev/kssd0
balanced
)sh");
  for (const char* const kind :
       {"normal reads", "normal writes", "prefetch reads", "prefill writes", "evict writes"})
    EXPECT_THAT(result.output,
                ContainsRegex(std::string(kind) + " front merges ([6-9]|[12][0-9])\n"));
}

// Which decode read is next depends on decode_merge_kib: it must be looked at once per choice.
TEST(GuestMerge, DecodeReadsGoOnWhileTheirMergingChanges) {
  kernel::GuestSpec spec = merge_guest();
  spec.script += R"sh(
kairo_device size_gib=1 dies=2 read_us=20 tags=8
merge_probe decode_merge_changes /dev/kssd0 > /tmp/changes
awk '$1 == "changes" && $2 > 100 { found = 1 } END { exit !found }' /tmp/changes ||
  fail "few changes: $(cat /tmp/changes)"
balanced
echo decode $(count decode queued) prefetch $(count prefetch queued)
)sh";
  const std::string output = boot_ok(spec).output;
  EXPECT_THAT(output, HasSubstr("decode 25600 prefetch 12800\n"));
}

// Seeds of the past first; more I/Os by KAIRO_FUZZ_IOS.
TEST(GuestMerge, RandomIoOfEveryClass) {
  const std::string output = fuzz_merges({.seed = 1, .ios = 10000});
  EXPECT_THAT(output, ContainsRegex("seed [0-9]+\n1[0-9]+ I/Os"));
  // Each kind of merge and each class was met, and rounds were counted.
  EXPECT_THAT(output,
              ContainsRegex("I/Os, [0-9]+ rounds, [1-9][0-9]* compared, [1-9][0-9]* changes, "
                            "[1-9][0-9]* switches"));
  EXPECT_THAT(output, ContainsRegex("merges back [1-9][0-9]+ front [1-9][0-9]+ requests [1-9]"));
  EXPECT_THAT(output, ContainsRegex("merged reads [1-9][0-9]+ writes [1-9][0-9]+"));
  EXPECT_THAT(output, ContainsRegex("compared while off [1-9]"));
  EXPECT_THAT(output, ContainsRegex("normal [1-9].* decode [1-9].* prefetch [1-9].* prefill [1-9].*"
                                    " evict [1-9]"));
}

// With nothing changed all rounds are counted.
TEST(GuestMerge, RandomIoIsCountedToTheLast) {
  const std::string output =
      fuzz_merges({.seed = 2,
                   .ios = 4000,
                   .device = "hw_queues=1 tags=4 dies=1 read_us=100 program_us=200 discard_us=50",
                   .options = "scheduler=0 depth=0 tunables=0"});
  EXPECT_THAT(output, ContainsRegex("I/Os, ([0-9]+) rounds, [1-9][0-9]* compared, 0 changes, 0 "));
}

// The journal and the metadata of a file system on the same drive, which have no hint, a class of
// their own in the drive's eyes (REQ_META), and merge with each other.
TEST(GuestMerge, RandomIoBesideAFileSystem) {
  kernel::GuestSpec spec = merge_guest();
  add_built(spec, KAIRO_STACK_PROBE);
  spec.programs.emplace_back("/usr/sbin/mkfs.ext4");
  spec.programs.emplace_back("/usr/sbin/e2fsck");
  spec.script += R"sh(
make_device size_gib=1 memory_backed=1 hw_queues=2 tags=8 dies=2 read_us=20 program_us=40 \
  discard_us=10
use_scheduler kairo
device=$(/kairo/stack_probe mapped files 262144 linear '/dev/kssd0 1048576') || fail "no mapping"
mkfs.ext4 -q -F $device || fail mkfs
mount -t ext4 $device /mnt || fail mount
tracing=/sys/kernel/tracing
echo 'rwbs ~ "*M*"' > $tracing/events/block/block_rq_issue/filter || fail filter
echo 1 > $tracing/events/block/block_rq_issue/enable || fail tracing
(while [ ! -e /tmp/enough ]; do
  mkdir /mnt/d && for i in $(seq 31); do echo $i > /mnt/d/$i; done; sync; rm -r /mnt/d; sync
done; [ -e /mnt/d ] || touch /tmp/whole) &
merge_probe fuzz device=/dev/kssd0 seed=3 ios=6000 kairo=0
touch /tmp/enough
wait
[ -e /tmp/whole ] || fail "the file system"
echo "metadata $(grep -c block_rq_issue: $tracing/trace)"
umount /mnt || fail umount
e2fsck -fn $device > /tmp/fsck 2>&1 || fail "$(cat /tmp/fsck)"
balanced
[ "$(head -n 1 $debug/check)" = ok ] || fail "$(cat $debug/check)"
)sh";
  const std::string output = boot_ok(spec).output;
  EXPECT_THAT(output, ContainsRegex("metadata [1-9][0-9][0-9]"));
  EXPECT_THAT(output, ContainsRegex("compared, [1-9][0-9]* changes, [1-9][0-9]* switches"));
}

// An unknown opcode of io_uring_register(2) is that, whatever numbers the series takes above it.
TEST(GuestMerge, OpcodesOfNobodyAreRefused) {
  boot_ok(merge_guest(), "merge_probe unknown_opcodes none\n");
}

}  // namespace
}  // namespace kairo::testing
