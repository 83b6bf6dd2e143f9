// SPDX-License-Identifier: GPL-2.0-only
// Users without privileges on the booted kernel: what they register and send takes nothing from
// others. What is refused to them is in metadata_test.cc and in the kernel's selftests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe_guest.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

kernel::GuestSpec rights_guest() {
  kernel::GuestSpec spec = probe_guest();
  spec.script += "make_device size_gib=1\nuse_scheduler kairo\nchmod 666 /dev/kssd0\n";
  return spec;
}

TEST(GuestRights, AUserAtItsLimitLeavesOthersTheirs) {
  kernel::GuestSpec spec = rights_guest();
  spec.script += R"sh(
mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg || fail "no cgroup2"
echo +memory > /tmp/cg/cgroup.subtree_control || fail "no memory controller"
mkdir /tmp/cg/first
probe rights_limits /dev/kssd0
all_ended
rmdir /tmp/cg/first || fail "the group is not empty"
)sh";
  const auto result = boot_ok(spec);
  EXPECT_THAT(result.output, HasSubstr("charged "));
  std::printf("%s", result.output.c_str());
}

TEST(GuestRights, FlagsTakeDurabilityFromNobodyElse) {
  kernel::GuestSpec spec = rights_guest();
  spec.smp = 2;
  spec.script += R"sh(
# Adaptive, it would split prefill where that is faster.
echo off > /sys/block/kssd0/queue/iosched/control || fail control
echo 1 > $events/../block/block_rq_issue/enable || fail "no tracepoint block_rq_issue"
probe rights_flags /dev/kssd0
issued() { grep block_rq_issue: /sys/kernel/tracing/trace | grep -c " $1 "; }
echo "durable $(issued WFS) others $(issued WS)"
)sh";
  EXPECT_THAT(boot_ok(spec).output, HasSubstr("durable 47 others 114\n"));
}

TEST(GuestRights, SettingsAndCountersAreRoots) {
  kernel::GuestSpec spec = rights_guest();
  spec.script += "probe rights_settings /dev/kssd0\n";
  boot_ok(spec);
}

}  // namespace
}  // namespace kairo::testing
