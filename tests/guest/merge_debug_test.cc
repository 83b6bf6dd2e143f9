// SPDX-License-Identifier: GPL-2.0-only
// What merge_test.cc does, on the debug kernel (KASAN, lockdep, the scheduler's own check of its
// lists and trees after each round).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "merge_guest.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

TEST(GuestMergeDebug, KnownFaults) {
  EXPECT_THAT(boot_ok(merge_guest("debug"), R"sh(
kairo_device size_gib=1 dies=2 read_us=500 program_us=900 tags=2
echo 256 > /sys/block/kssd0/queue/nr_requests || fail nr_requests
merge_probe front_of_prefetch /dev/kssd0
merge_probe front_of_every_class /dev/kssd0
merge_probe unknown_opcodes none
[ -e $debug/check ] || fail "no sched/check: CONFIG_MQ_IOSCHED_KAIRO_DEBUG is not set"
head -n 1 $debug/check
)sh")
                  .output,
              HasSubstr("ok\n"));
}

TEST(GuestMergeDebug, RandomIoOfEveryClass) {
  EXPECT_THAT(fuzz_merges({.seed = 1, .ios = 50000, .config = "debug"}),
              HasSubstr("sched/check: agrees\n"));
}

}  // namespace
}  // namespace kairo::testing
