// SPDX-License-Identifier: GPL-2.0-only
// Regions on the booted kernel: prime numbers of I/Os inside, outside and across, by the counters
// of the scheduler and of the regions, and by both tracepoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "probe_guest.h"
#include "region_counts.h"

namespace kairo::testing {
namespace {

namespace counts = region_counts;
using ::testing::HasSubstr;

// A file system at /tmp/m.
kernel::GuestSpec file_guest() {
  kernel::GuestSpec spec = probe_guest();
  add_file_system(spec);
  spec.script += R"sh(
kairo_device size_gib=1 memory_backed=1
make_file_system 256m
)sh";
  return spec;
}

TEST(GuestRegion, WhatIsInsideInheritsAndNothingElseDoes) {
  const base::TempDir out = boot_kept(probe_guest(), R"sh(
kairo_device size_gib=1
# Adaptive, it would split prefill where that is faster.
echo off > /sys/block/kssd0/queue/iosched/control || fail control
echo 4096 > /sys/kernel/tracing/buffer_size_kb
echo 1 > $events/kairo_context/enable || fail "no tracepoint kairo_context"
echo 1 > $events/../io_uring/io_uring_kv_region/enable || fail "no tracepoint io_uring_kv_region"
probe regions /dev/kssd0
cat $counters > /out/counters
cat $debug/contexts > /out/contexts
cat $region_counters > /out/regions
traced() { echo "$1 $(grep "$2" /sys/kernel/tracing/trace | grep -c "$3")"; }
{
  traced session_11 kairo_context: ' session 11 '
  traced session_22 kairo_context: ' session 22 '
  traced inside io_uring_kv_region: 'inside'
  traced first_inside io_uring_kv_region: 'region 1 inside'
  traced crossing io_uring_kv_region: 'crossing, hint 0 context 0'
  traced decode io_uring_kv_region: 'inside, hint 8 '
  traced no_hint io_uring_kv_region: 'write offset .* region 2 inside, hint 0 context 0'
} > /out/traced
all_ended
)sh");

  const auto counters = saved_counters(out.path());
  const unsigned decode = counts::kFirstDecode + counts::kContextGone;
  for (const auto& [cls, ios] :
       {std::pair{"decode", decode + counts::kAttribute},
        {"prefetch", counts::kPrefetch + counts::kFirstPrefetch},
        {"prefill", counts::kFirstPrefill},
        {"normal", counts::kNoClass + counts::kOutside + counts::kCrossing +
                       counts::kAttributeOfNothing + counts::kRegionGone},
        {"evict", 0U}}) {
    EXPECT_EQ(counters.at(cls).at("queued"), ios) << cls;
    EXPECT_EQ(counters.at(cls).at("completed"), ios) << cls;
  }
  const unsigned session = counts::kFirstContext;
  const Numbers contexts = {{"lifetime_none", 0},          {"lifetime_short", 0},
                            {"lifetime_session", session}, {"lifetime_model", counts::kAttribute},
                            {"lifetime_persistent", 0},    {"recomputable", 0}};
  EXPECT_EQ(saved_numbers(out.path() / "contexts", 1), contexts);
  const unsigned first = session + counts::kContextGone;
  const unsigned inside = first + counts::kPrefetch + counts::kNoClass;
  const Numbers met = {{"registered", 2},
                       {"ended", 2},
                       {"inside", inside},
                       {"crossing", counts::kCrossing},
                       {"outside", counts::kOutside + counts::kRegionGone}};
  auto regions = saved_numbers(out.path() / "regions");
  // The probe has unregistered one; the other goes with the ring, when the kernel comes to it.
  EXPECT_GE(regions["ended"], 1U);
  regions["ended"] = 2;
  EXPECT_EQ(regions, met);
  const Numbers traced = {
      {"session_11", session},      {"session_22", counts::kAttribute}, {"inside", inside},
      {"first_inside", first},      {"crossing", counts::kCrossing},    {"decode", decode},
      {"no_hint", counts::kNoClass}};
  EXPECT_EQ(saved_numbers(out.path() / "traced"), traced);
}

TEST(GuestRegion, AContextIdThatCameBackIsNotInherited) {
  const base::TempDir out = boot_kept(probe_guest(), R"sh(
kairo_device size_gib=1
probe region_context /dev/kssd0
cat $counters > /out/counters
cat $debug/contexts > /out/contexts
)sh");
  EXPECT_EQ(saved_counters(out.path()).at("decode").at("queued"), 8U);
  const auto contexts = saved_numbers(out.path() / "contexts", 1);
  EXPECT_EQ(contexts.at("lifetime_short"), 1U);
  EXPECT_EQ(contexts.at("lifetime_model"), 0U);
}

TEST(GuestRegion, WhatCannotBeIsRefused) {
  boot_ok(probe_guest(), R"sh(
kairo_device size_gib=1
probe region_refusals /dev/kssd0
probe region_overlaps /dev/kssd0
probe region_buffered /dev/kssd0
all_ended
[ $(count decode queued) = 0 ] && [ $(count prefill queued) = 0 ] ||
  fail "buffered I/O has a class: $(cat $counters)"
)sh");
}

TEST(GuestRegion, ASlotKeepsItsFile) {
  boot_ok(probe_guest(), "make_device size_gib=1\nprobe region_slot /dev/kssd0\nall_ended\n");
}

TEST(GuestRegion, GoesWithItsInode) {
  boot_ok(file_guest(), R"sh(
echo 2 > /proc/sys/user/max_kairo_regions || fail sysctl
probe region_inode /tmp/m/file
# A ring that has regions does not keep the file system.
/kairo/metadata_probe region_device /dev/kssd0 > /tmp/said &
until [ $(regions registered) = 4 ]; do sleep 0.01; done
umount /tmp/m || fail "the file system is busy"
remove_device
wait $! || fail "$(cat /tmp/said)"
all_ended
)sh");
}

TEST(GuestRegion, AUserHasALimit) {
  boot_ok(probe_guest(), R"sh(
make_device size_gib=1
[ $(cat /proc/sys/user/max_kairo_regions) = 131072 ] || fail "another default"
echo 1009 > /proc/sys/user/max_kairo_regions || fail sysctl
probe region_limit /dev/kssd0
all_ended
)sh");
}

// The memory is the control group's: with 16 MiB the process ends, by ENOMEM or by the kernel, and
// nobody else does; without the limit the same registrations go on.
TEST(GuestRegion, AControlGroupPaysForThem) {
  kernel::GuestSpec spec = probe_guest();
  const auto result = boot_ok(spec, R"sh(
make_device size_gib=1
echo 1000000 > /proc/sys/user/max_kairo_regions || fail sysctl
mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg || fail "no cgroup2"
echo +memory > /tmp/cg/cgroup.subtree_control || fail "no memory controller"
mkdir /tmp/cg/small && echo 16M > /tmp/cg/small/memory.max || fail memory.max
sh -c 'echo $$ > /tmp/cg/small/cgroup.procs; exec /kairo/metadata_probe region_memory /dev/kssd0' > /tmp/said
status=$?
[ $status = 0 ] || [ $status = 137 ] || fail "status $status: $(cat /tmp/said)"
[ $(cat /tmp/cg/small/memory.peak) -gt 15000000 ] || fail "the limit was not reached"
echo "last $(tail -n 1 /tmp/said)"
all_ended
rmdir /tmp/cg/small || fail "the group is not empty"
probe region_refusals /dev/kssd0
all_ended
)sh");
  std::istringstream words(result.output.substr(result.output.find("last regions ")));
  std::string word;
  unsigned regions = 0;
  words >> word >> word >> regions;
  EXPECT_GT(regions, 1000U) << result.output;
  // 16 MiB by the least that a region takes, 96 bytes.
  EXPECT_LT(regions, 16U * 1024 * 1024 / 96) << result.output;
  RecordProperty("regions_in_16_mib", std::to_string(regions));
}

TEST(GuestRegion, AControlGroupPaysForMarks) {
  kernel::GuestSpec spec = file_guest();
  const auto result = boot_ok(spec, R"sh(
mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg || fail "no cgroup2"
echo +memory > /tmp/cg/cgroup.subtree_control || fail "no memory controller"
mkdir /tmp/cg/files || fail "a group"
for i in $(seq 2100); do : > /tmp/m/$i || fail "a file"; done
sh -c 'echo $$ > /tmp/cg/files/cgroup.procs; exec /kairo/metadata_probe region_files /tmp/m' > /tmp/said ||
  fail "$(cat /tmp/said)"
cat /tmp/said
all_ended
)sh");
  std::printf("%s", result.output.c_str());
  std::istringstream words(result.output.substr(result.output.find("bytes of a region ")));
  std::string word;
  unsigned region = 0, file = 0;
  words >> word >> word >> word >> word >> region >> word >> word >> word >> file;
  EXPECT_GE(region, 96U);
  // struct io_kv_file, and struct fsnotify_mark_connector.
  EXPECT_GE(file, 96U + 24U);
}

// In virtual time, where an instruction is a nanosecond, on a device that takes none.
TEST(GuestRegion, AHundredThousandCostTheLogarithm) {
  kernel::GuestSpec spec = probe_guest();
  const auto result = boot_ok(spec, R"sh(
disk=/sys/kernel/config/nullb/fast
mkdir $disk && echo 0 > $disk/irqmode && echo 1024 > $disk/size && echo 1 > $disk/power ||
  fail "no null_blk"
probe region_cost /dev/fast
all_ended
)sh");
  std::map<unsigned, Numbers> costs;
  std::istringstream lines(result.output);
  for (std::string line, name; std::getline(lines, line);) {
    std::istringstream words(line);
    unsigned regions = 0;
    if (!(words >> name >> regions) || name != "regions") continue;
    while (words >> name) words >> costs[regions][name];
  }
  ASSERT_EQ(costs.size(), 4U) << result.output;
  RecordProperty("costs", result.output);
  std::printf("%s", result.output.c_str());
  for (const char* const what : {"inside_ns", "outside_ns"}) {
    // A lookup at all, and then a few instructions for each doubling: log2(100,000) is 17.
    EXPECT_LE(costs[1][what], costs[0][what] + 400) << what;
    EXPECT_LE(costs[1000][what], costs[1][what] + 10 * 12) << what;
    EXPECT_LE(costs[100'000][what], costs[1][what] + 17 * 12) << what;
    EXPECT_GT(costs[100'000][what], costs[1][what]) << what << ": nothing was looked up";
  }
  EXPECT_LE(costs[100'000]["last_ns"], costs[100'000]["first_ns"] * 3 / 2);
}

TEST(GuestRegion, RingsAndInodesGoAtOnce) {
  kernel::GuestSpec spec = file_guest();
  spec.smp = 2;
  const auto result = boot_ok(spec, R"sh(
probe region_churn /tmp/m
umount /tmp/m || fail "the file system is busy"
all_ended
)sh");
  EXPECT_THAT(result.output, HasSubstr("regions came and went"));
}

}  // namespace
}  // namespace kairo::testing
