// SPDX-License-Identifier: GPL-2.0-only
// Zones of an emulated NVMe drive under kairo: what `kairo device inspect` says, writes in order,
// and evictions that reset whole zones, by prime numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nvme_guest.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

// 31 zones of 4 MiB. In the script `zones STATE` counts them by what blkzone(8) calls their state
// (em, fu, ...) and at_start those whose write pointer is at their start; `engine ARGS` runs fio.
void add_zoned(kernel::GuestSpec& spec) {
  add_nvme(spec, 124,
           {"nvme,id=nvme0,serial=zns",
            "nvme-ns,drive=drive,bus=nvme0,nsid=1,zoned=true,zoned.zone_size=4M,"
            "zoned.max_open=8,zoned.max_active=9"});
  spec.programs.emplace_back("/usr/sbin/blkzone");
  spec.script += R"sh(
zones() { blkzone report /dev/nvme0n1 | grep -c "zcond: *[0-9]*($1)"; }
at_start() { blkzone report /dev/nvme0n1 | grep -c 'wptr 0x0\+ '; }
engine() {
  fio --ioengine=external:)sh" +
                 engine_path() + R"sh( --filename=/dev/nvme0n1 --direct=1 --thread=1 \
    --kv_path=ioprio "$@" > /out/log 2>&1
}
counters=/sys/kernel/debug/block/nvme0n1/sched/counters
echo kairo > /sys/block/nvme0n1/queue/scheduler || fail "no kairo"
# Writes that wait for their zone join the request before them, and are not counted by themselves.
echo 2 > /sys/block/nvme0n1/queue/nomerges
)sh";
}

TEST(GuestZoned, DeviceInspect) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  add_zoned(spec);
  EXPECT_THAT(boot_ok(spec, R"sh(
inspect facts
/kairo/command device inspect nvme0n1 || fail "as text"
/kairo/command device inspect nvme0 && fail "a controller"
[ $? = 3 ] || fail "status for a controller"
)sh")
                  .output,
              HasSubstr("zoned: evict whole zones"));
  const auto facts = saved_facts(out.path() / "facts");
  EXPECT_EQ(fact(facts, "device", "serial"), "zns");
  EXPECT_EQ(fact(facts, "nvme", "namespace"), 1);
  EXPECT_EQ(fact(facts, "zones", "model"), "host-managed");
  EXPECT_EQ(fact(facts, "zones", "zones"), 31);
  EXPECT_EQ(fact(facts, "zones", "max_open_zones"), 8);
  EXPECT_EQ(fact(facts, "zones", "max_active_zones"), 9);
  EXPECT_EQ(fact(facts, "fdp", "supported"), "no");
  EXPECT_EQ(fact(facts, "streams", "directive"), "no");
}

// 19 zones written with 16 requests each, 11 evicted of which 3 by fio's own zone mode.
TEST(GuestZoned, EvictingWholeZonesResetsThem) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  add_zoned(spec);
  const auto result = boot_ok(spec, R"sh(
[ $(zones em) = 31 ] || fail "$(blkzone report /dev/nvme0n1)"
engine --name=w --rw=write --bs=256k --iodepth=8 --size=76m || fail "writes: $(cat /out/log)"
[ $(zones fu) = 19 ] || fail "$(blkzone report /dev/nvme0n1)"
engine --name=e --rw=trim --bs=4m --size=32m --kv_stats=/out/sidecar || fail "$(cat /out/log)"
echo "evicted $(zones fu) $(zones em) $(at_start)"
engine --name=z --rw=trim --bs=4m --zonemode=zbd --offset=32m --size=12m || fail "$(cat /out/log)"
echo "by_fio $(zones fu) $(zones em) $(at_start)"
grep -q '"trims": "zone reset"' /out/sidecar || fail "$(cat /out/sidecar)"
cat $counters > /out/counters

# They take data from their start again, and only whole ones can go.
engine --name=again --rw=write --bs=256k --iodepth=8 --size=44m || fail "again: $(cat /out/log)"
[ $(zones fu) = 19 ] || fail "$(blkzone report /dev/nvme0n1)"
engine --name=part --rw=trim --bs=64k --size=4m && fail "a part of a zone"
grep kairo: /out/log
engine --name=off --rw=trim --bs=4m --offset=64k --size=8m && fail "zones that begin in the middle"
grep kairo: /out/log
[ $(zones fu) = 19 ] || fail "$(blkzone report /dev/nvme0n1)"
)sh");
  EXPECT_THAT(result.output, HasSubstr("evicted 11 20 20\n"));
  EXPECT_THAT(result.output, HasSubstr("by_fio 8 23 23\n"));
  EXPECT_THAT(
      result.output,
      HasSubstr("bs=65536: trims of /dev/nvme0n1, which is zoned, are resets of whole zones "
                "of 4194304 bytes (set the third value of bs to that, as in bs=,,4194304, "
                "or use kv_evict_op=none)"));
  EXPECT_THAT(result.output, HasSubstr("a trim of 4194304 bytes at 65536 is not of whole zones, "
                                       "which have 4194304 (align the evictions to zones, or use "
                                       "kv_evict_op=none)"));
  auto counters = saved_counters(out.path());
  EXPECT_EQ(counters["prefill"]["queued"], 19 * 16);
}

// Elsewhere large prefill is split beside decode reads, and parts would come too late for a zone.
TEST(GuestZoned, WritesStayInOrderBesideDecodeReads) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  add_zoned(spec);
  boot_ok(spec, R"sh(
engine --name=w --rw=write --bs=256k --iodepth=8 --size=28m || fail "$(cat /out/log)"
engine --name=decode --rw=randread --bs=16k --iodepth=16 --size=28m --norandommap=1 \
  --io_size=4g --number_ios=9001 \
  --name=prefill --startdelay=20ms --rw=write --bs=256k --iodepth=16 --offset=28m --size=76m ||
  fail "$(cat /out/log)"
[ $(zones fu) = 26 ] || fail "$(blkzone report /dev/nvme0n1)"
cat $counters > /out/counters
)sh");
  auto counters = saved_counters(out.path());
  EXPECT_EQ(counters["decode"]["queued"], 9001);
  // Each write is a request. Larger ones than the drive takes are bios of what pages of the buffer
  // were pinned at once, which the scheduler has no say in.
  EXPECT_EQ(counters["prefill"]["queued"], 7 * 16 + 19 * 16);
  EXPECT_EQ(counters["prefill"]["split"], 0);
}

}  // namespace
}  // namespace kairo::testing
