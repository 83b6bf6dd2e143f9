// SPDX-License-Identifier: GPL-2.0-only
// Streams on an emulated NVMe drive with flexible data placement: what the scheduler counted, and
// what the drive says was written by each placement handle, by prime numbers of writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nvme_guest.h"
#include "probe_guest.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kReclaimUnitBlocks = (64U << 20) / 512;
constexpr std::uint64_t kWriteBytes = 65536;  // of `probe placement`

// `probe placement` under kairo on a drive with these FDP options of subsystem and namespace.
void place_writes(kernel::GuestSpec& spec, const std::string& subsystem, const std::string& space) {
  use_newer_qemu(spec);
  add_nvme(spec, 64,
           {"nvme-subsys,id=sub" + subsystem, "nvme,id=nvme0,serial=fdp,subsys=sub",
            "nvme-ns,drive=drive,bus=nvme0,nsid=1" + space});
  spec.script += R"sh(
echo "streams $(cat /sys/block/nvme0n1/queue/max_write_streams)"
echo kairo > /sys/block/nvme0n1/queue/scheduler || fail "no kairo"
inspect before
probe placement /dev/nvme0n1
inspect after
cat /sys/kernel/debug/block/nvme0n1/sched/placement > /out/placement
)sh";
}

// By placement handle, the writes that took space of its reclaim unit.
std::vector<std::uint64_t> writes_by_handle(const nlohmann::json& before,
                                            const nlohmann::json& after) {
  std::vector<std::uint64_t> writes;
  for (unsigned i = 0; i < 128; ++i) {
    const auto name = fmt::format("placement_{}_left", i);
    const auto had = fact(before, "fdp", name);
    const auto has = fact(after, "fdp", name);
    if (!had.is_number() || !has.is_number()) break;
    EXPECT_EQ(had, kReclaimUnitBlocks);
    const std::uint64_t bytes = (had.get<std::uint64_t>() - has.get<std::uint64_t>()) * 512;
    EXPECT_EQ(bytes % kWriteBytes, 0U) << name;
    writes.push_back(bytes / kWriteBytes);
  }
  return writes;
}

TEST(GuestFdp, EveryLifetimeAndGroupReachesItsPlacementHandle) {
  kernel::GuestSpec spec = probe_guest();
  const base::TempDir out = keep_output(spec);
  place_writes(spec, ",fdp=on,fdp.nruh=12,fdp.nrg=1,fdp.runs=64M", ",fdp.ruhs=2-11");
  EXPECT_THAT(boot_ok(spec).output, HasSubstr("streams 10\n"));
  const Numbers scheduler = {{"attempts", 318}, {"fallbacks", 0}, {"stream_1", 0},
                             {"stream_2", 90},  {"stream_3", 29}, {"stream_4", 31},
                             {"stream_5", 37},  {"stream_6", 41}, {"stream_7", 43},
                             {"stream_8", 0},   {"stream_9", 0},  {"stream_10", 47}};
  EXPECT_EQ(saved_numbers(out.path() / "placement", 1), scheduler);
  const auto before = saved_facts(out.path() / "before");
  const auto after = saved_facts(out.path() / "after");
  EXPECT_EQ(fact(after, "fdp", "enabled"), 1);
  EXPECT_EQ(fact(after, "fdp", "reclaim_groups"), 1);
  EXPECT_EQ(fact(after, "fdp", "reclaim_unit_handles"), 12);
  EXPECT_EQ(fact(after, "fdp", "reclaim_unit_size"), 64 << 20);
  EXPECT_EQ(fact(after, "fdp", "placement_handles"), 10);
  EXPECT_EQ(fact(after, "streams", "max_write_streams"), 10);
  // Without a context: to the first handle, with F_SET_RW_HINT to the fifth.
  const std::vector<std::uint64_t> writes = {19 + 53, 90, 29, 31, 37 + 61, 41, 43, 0, 0, 47};
  EXPECT_EQ(writes_by_handle(before, after), writes);
  EXPECT_EQ(fact(before, "fdp", "host_written"), 0);
  EXPECT_EQ(fact(after, "fdp", "host_written"), (318 + 19 + 53 + 61) * kWriteBytes);
  EXPECT_EQ(fact(after, "fdp", "media_written"), (318 + 19 + 53 + 61) * kWriteBytes);
}

TEST(GuestFdp, LifetimesShareTheHandlesOfADriveThatHasFew) {
  kernel::GuestSpec spec = probe_guest();
  const base::TempDir out = keep_output(spec);
  place_writes(spec, ",fdp=on,fdp.nruh=4,fdp.nrg=1,fdp.runs=64M", ",fdp.ruhs=0-2");
  EXPECT_THAT(boot_ok(spec).output, HasSubstr("streams 3\n"));
  const Numbers scheduler = {{"attempts", 318},
                             {"fallbacks", 0},
                             {"stream_1", 90 + 41 + 43},
                             {"stream_2", 29 + 31},
                             {"stream_3", 37 + 47}};
  EXPECT_EQ(saved_numbers(out.path() / "placement", 1), scheduler);
  // A hint of an inode above the last stream is the last stream.
  const std::vector<std::uint64_t> writes = {19 + 53 + 174, 60, 84 + 61};
  EXPECT_EQ(writes_by_handle(saved_facts(out.path() / "before"), saved_facts(out.path() / "after")),
            writes);
}

TEST(GuestFdp, SeveralReclaimGroupsAreNotUsed) {
  kernel::GuestSpec spec = probe_guest();
  const base::TempDir out = keep_output(spec);
  place_writes(spec, ",fdp=on,fdp.nruh=4,fdp.nrg=2,fdp.runs=64M", ",fdp.ruhs=0-3");
  EXPECT_THAT(
      boot_ok(spec, "dmesg | grep 'data placement is not used' || fail 'no word of it'\n").output,
      HasSubstr("streams 0\n"));
  const Numbers scheduler = {{"attempts", 318}, {"fallbacks", 318}};
  EXPECT_EQ(saved_numbers(out.path() / "placement", 1), scheduler);
}

TEST(GuestFdp, ADriveWithoutItIsNotAsked) {
  kernel::GuestSpec spec = probe_guest();
  const base::TempDir out = keep_output(spec);
  place_writes(spec, "", "");
  EXPECT_THAT(boot_ok(spec, "! dmesg | grep 'data placement' || fail 'it is asked'\n").output,
              HasSubstr("streams 0\n"));
  const Numbers scheduler = {{"attempts", 318}, {"fallbacks", 318}};
  EXPECT_EQ(saved_numbers(out.path() / "placement", 1), scheduler);
  EXPECT_EQ(fact(saved_facts(out.path() / "after"), "fdp", "supported"), "no");
}

}  // namespace
}  // namespace kairo::testing
