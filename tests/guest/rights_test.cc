// SPDX-License-Identifier: GPL-2.0-only
// Users without privileges on the booted kernel: what they register and send takes nothing from
// others. What is refused to them is in metadata_test.cc and in the kernel's selftests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe_guest.h"
#include "rights_counts.h"

namespace kairo::testing {
namespace {

namespace counts = rights_counts;
using ::testing::HasSubstr;

kernel::GuestSpec rights_guest() {
  kernel::GuestSpec spec = probe_guest();
  spec.script += "kairo_device size_gib=1\nchmod 666 /dev/kssd0\n";
  return spec;
}

TEST(GuestRights, AUserAtItsLimitLeavesOthersTheirs) {
  const auto result = boot_ok(rights_guest(), R"sh(
mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg || fail "no cgroup2"
echo +memory > /tmp/cg/cgroup.subtree_control || fail "no memory controller"
mkdir /tmp/cg/first
probe rights_limits /dev/kssd0
all_ended
rmdir /tmp/cg/first || fail "the group is not empty"
)sh");
  EXPECT_THAT(result.output, HasSubstr("charged "));
  std::printf("%s", result.output.c_str());
}

TEST(GuestRights, UsersTogetherLeaveContextsToRoot) {
  kernel::GuestSpec spec = rights_guest();
  spec.mem_mib = 2048;
  boot_ok(spec, "probe rights_reserve /dev/kssd0\nall_ended\n");
}

TEST(GuestRights, WhatIsShownSaysNothingAboutOthers) {
  boot_ok(rights_guest(),
          "probe rights_numbers /dev/kssd0\nprobe rights_opener /dev/kssd0\nall_ended\n");
}

TEST(GuestRights, FlagsTakeDurabilityFromNobodyElse) {
  kernel::GuestSpec spec = rights_guest();
  spec.smp = 2;
  EXPECT_THAT(boot_ok(spec, R"sh(
# Adaptive, it would split prefill where that is faster.
echo off > /sys/block/kssd0/queue/iosched/control || fail control
echo 1 > $events/../block/block_rq_issue/enable || fail "no tracepoint block_rq_issue"
probe rights_flags /dev/kssd0
issued() { grep block_rq_issue: /sys/kernel/tracing/trace | grep -c " $1 "; }
echo "durable $(issued WFS) others $(issued WS)"
)sh")
                  .output,
              HasSubstr(fmt::format("durable {} others {}\n", counts::kDurable,
                                    counts::kPrefill + counts::kCleanUp)));
}

// A user claims decode for as much as the drive takes; un-hinted I/O of others has its longest
// wait.
TEST(GuestRights, AFloodOfDecodeIsABoundedWaitForOthers) {
  kernel::GuestSpec spec = probe_guest();
  spec.script += R"sh(
# Slower than the processor, and with fewer requests inside than the flood has: what waits does so
# in the scheduler.
kairo_device size_gib=1 tags=16 read_us=800
chmod 666 /dev/kssd0
echo 256 > /sys/block/kssd0/queue/nr_requests || fail nr_requests
cd /sys/block/kssd0/queue/iosched
echo 20000 > normal_max_wait_us && echo 20000 > normal_write_max_wait_us || fail tunables
echo 1 > expired_batch && echo 32 > regular_batch || fail tunables
)sh";
  spec.script += fmt::format(
      "fio --name=flood --ioengine=external:{} --uid=65534 --gid=65534 --kv_path=rwf --rw=randread "
      "--bs=64k --iodepth=128 --size=1g --filename=/dev/kssd0 --direct=1 --thread=1 --time_based=1 "
      "--runtime=60 --norandommap=1 > /tmp/flood 2>&1 &\n",
      engine_path());
  spec.script += R"sh(
flood=$!
until [ $(count decode queued) -gt 1000 ]; do kill -0 $flood || { cat /tmp/flood; fail flood; }; sleep 0.01; done
for rw in randread randwrite; do
  fio --output=/dev/null --name=$rw --ioengine=psync --rw=$rw --bs=64k --number_ios=41 --size=1g \
    --filename=/dev/kssd0 --direct=1 || fail fio
done
kill -0 $flood || fail "the flood has ended"
grep -q "^Uid:.65534" /proc/$flood/status || fail "the flood is not of a user"
cat $debug/latency > /out/latency
kill $flood
wait
)sh";
  const base::TempDir out = keep_output(spec);
  boot_ok(spec);
  const Row waits = saved_latency(out.path() / "latency", "normal", "queue");
  const std::uint64_t longest_ns = number(waits, "max_ns");
  EXPECT_EQ(number(waits, "samples"), 2 * 41U);
  RecordProperty("longest_ns", std::to_string(longest_ns));
  // The wait, a batch of 33 reads of 800 us on 8 dies, and what is inside.
  EXPECT_LE(longest_ns, 25'000'000U);
  EXPECT_GE(longest_ns, 15'000'000U) << "nobody waited";
}

TEST(GuestRights, RandomSubmissionsOfAUserLeaveNothingBehind) {
  kernel::GuestSpec spec = rights_guest();
  add_nobody(spec);
  EXPECT_THAT(boot_ok(spec, R"sh(
as_nobody /kairo/metadata_probe fuzz /dev/kssd0 5 400 || fail fuzz
balanced
[ $(regions registered) -gt 20 ] || fail "no region was registered"
all_ended
# Root's limit and device are as they were.
probe limit /dev/kssd0
)sh")
                  .output,
              HasSubstr("seed 5\n400 rounds"));
}

TEST(GuestRights, SettingsAndCountersAreRoots) {
  boot_ok(rights_guest(), "probe rights_settings /dev/kssd0\n");
}

}  // namespace
}  // namespace kairo::testing
