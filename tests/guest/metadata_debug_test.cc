// SPDX-License-Identifier: GPL-2.0-only
// Contexts and regions on the debug kernel (KASAN, lockdep, PROVE_RCU, object debugging): what
// metadata_test.cc and region_test.cc count is done here for what the kernel says to it.
#include <gtest/gtest.h>

#include "probe_guest.h"

namespace kairo::testing {
namespace {

kernel::GuestSpec debug_guest() {
  kernel::GuestSpec spec = probe_guest("debug");
  add_file_system(spec);
  spec.smp = 2;
  spec.mem_mib = 1536;
  spec.script += R"sh(
kairo_device size_gib=1 memory_backed=1
)sh";
  return spec;
}

TEST(GuestMetadataDebug, EveryScenario) {
  boot_ok(debug_guest(), R"sh(
probe refusals /dev/kssd0
probe nonsense /dev/kssd0
probe contexts /dev/kssd0
probe process /dev/kssd0
probe unprivileged /dev/kssd0
probe semantics /dev/kssd0
probe contradictions /dev/kssd0
probe durability /dev/kssd0
probe regions /dev/kssd0
probe region_refusals /dev/kssd0
probe region_overlaps /dev/kssd0
all_ended
make_file_system 64m
echo 2 > /proc/sys/user/max_kairo_regions
probe region_inode /tmp/m/file
umount /tmp/m || fail "the file system is busy"
)sh");
}

TEST(GuestMetadataDebug, ContextsOutliveTheirRing) {
  kernel::GuestSpec spec = probe_guest("debug");
  add_in_flight(spec, "process_in_flight");
  boot_ok(spec);
}

TEST(GuestMetadataDebug, RandomSubmissions) {
  boot_ok(debug_guest(), "probe fuzz /dev/kssd0 7 200\nall_ended\n");
}

TEST(GuestMetadataDebug, UsersWithoutPrivileges) {
  boot_ok(debug_guest(), R"sh(
chmod 666 /dev/kssd0
mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg || fail "no cgroup2"
echo +memory > /tmp/cg/cgroup.subtree_control || fail "no memory controller"
mkdir /tmp/cg/first
echo 20011 > /proc/sys/user/max_kairo_regions || fail sysctl
probe rights_limits /dev/kssd0
all_ended
probe rights_flags /dev/kssd0
probe rights_settings /dev/kssd0
)sh");
}

TEST(GuestMetadataDebug, RingsAndInodesGoAtOnce) {
  boot_ok(debug_guest(), R"sh(
make_file_system 64m
probe region_churn /tmp/m
umount /tmp/m || fail "the file system is busy"
all_ended
)sh");
}

}  // namespace
}  // namespace kairo::testing
