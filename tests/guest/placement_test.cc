// SPDX-License-Identifier: GPL-2.0-only
// Where writes go, on the booted kernel: garbage collection of the flash model, and the streams
// that contexts give their writes, by prime numbers of I/Os.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe_guest.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

// value FILE KEY; written BYTES-OPTIONS: fio writes and the device's counters start over before.
constexpr const char* kFunctions = R"sh(
value() { awk -v key=$2 '$1 == key { print $2 }' $1; }
streams=/sys/kernel/debug/kairo_ssd/kssd0/streams
write_pages() {
  echo 0 > $stats
  fio --output=/dev/null --name=w --ioengine=libaio --direct=1 --thread=1 --filename=/dev/kssd0 \
    --bs=64k --iodepth=32 --norandommap=1 --randseed=7 "$@" || fail "fio $*"
}
)sh";

TEST(GuestPlacement, ADriveWithoutGarbageCollectionMovesNothing) {
  kernel::GuestSpec spec = lab_guest();
  spec.script += kFunctions;
  EXPECT_THAT(boot_ok(spec, R"sh(
make_device size_gib=1
write_pages --rw=randwrite --io_size=4g --number_ios=20011
echo "off $(value $stats pages_programmed) $(value $stats pages_moved) $(value $stats blocks_erased)"
[ "$(cat $streams)" = "stream pages_programmed" ] || fail "streams of a drive that has none"
)sh")
                  .output,
              HasSubstr("off 20011 0 0\n"));
}

TEST(GuestPlacement, PagesAreMovedWhenWritesAreOutOfOrder) {
  kernel::GuestSpec spec = lab_guest();
  spec.script += kFunctions;
  const auto result = boot_ok(spec, R"sh(
make_device size_gib=1 gc=1 block_pages=16 spare_percent=20
write_pages --rw=write --size=1g
write_pages --rw=write --size=1g
echo "in_order $(value $stats pages_programmed) $(value $stats pages_moved)"
[ $(value $stats blocks_erased) -ge 800 ] || fail "$(cat $stats)"
idle=$(value $stats die_busy_ns)

write_pages --rw=randwrite --io_size=4g --number_ios=20011
programmed=$(value $stats pages_programmed) moved=$(value $stats pages_moved)
erased=$(value $stats blocks_erased) busy=$(value $stats die_busy_ns)
echo "by_chance $programmed"
[ $moved -gt 5000 ] || fail "$(cat $stats)"
# Each page that was programmed came out of an erase, but for what was free before.
[ $((erased * 16)) -le $((programmed + moved + 64 * 16)) ] || fail "$(cat $stats)"
[ $((erased * 16)) -ge $((programmed + moved - 200 * 16)) ] || fail "$(cat $stats)"
# Dies have done that much when all is quiet: program 300, read 80, erase 3000 us.
[ $busy = $(((programmed * 300 + moved * 380 + erased * 3000) * 1000)) ] || fail "$(cat $stats)"
echo "moved $moved erased $erased"
[ $(value $streams 0) = 20011 ] || fail "$(cat $streams)"

# What was discarded is not moved.
blkdiscard /dev/kssd0 || fail blkdiscard
write_pages --rw=write --size=1g
[ $(value $stats pages_moved) -le 16 ] || fail "$(cat $stats)"
remove_device

# Spare blocks that are no more than what streams and moves keep open.
mkdir /sys/kernel/config/kairo_ssd/kssd0
cd /sys/kernel/config/kairo_ssd/kssd0
echo 1 > size_gib; echo 1 > gc; echo 1 > spare_percent; echo 15 > streams
echo 1 > power 2> /dev/null && fail "no spare blocks, no error"
echo 16 > streams 2> /dev/null && fail "16 streams"
cd /
)sh");
  EXPECT_THAT(result.output, HasSubstr("in_order 16384 0\n"));
  EXPECT_THAT(result.output, HasSubstr("by_chance 20011\n"));
}

// Counters of the scheduler and of the device after `probe placement`, and what was traced.
std::string placed(const char* device) {
  return std::string(kFunctions) + device + R"sh(
use_scheduler kairo
echo 4096 > /sys/kernel/tracing/buffer_size_kb
echo 1 > $events/kairo_placement/enable || fail "no tracepoint kairo_placement"
trace() { grep kairo_placement: /sys/kernel/tracing/trace | grep -c "$1"; }
probe placement /dev/kssd0
cat $debug/placement > /out/placement
cat $streams > /out/streams
)sh";
}

TEST(GuestPlacement, EveryLifetimeAndGroupReachesItsStream) {
  kernel::GuestSpec spec = probe_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += placed("make_device size_gib=1 gc=1 block_pages=16 spare_percent=25 streams=10");
  spec.script += R"sh(
[ $(cat /sys/block/kssd0/queue/max_write_streams) = 10 ] || fail max_write_streams
echo "short $(trace 'model 7 session 1001 group 0 lifetime short stream 2$')"
echo "session $(trace 'model 7 session 1002 group 0 lifetime session stream 3$')"
echo "model $(trace 'model 7 session 1003 group 0 lifetime model stream 4$')"
echo "persistent $(trace 'model 7 session 1004 group 0 lifetime persistent stream 5$')"
echo "group $(trace 'group 3 lifetime none stream 6$') $(trace 'group 3 lifetime short stream 7$') \
$(trace 'group 3 lifetime persistent stream 10$')"
echo "all $(trace .)"
)sh";
  EXPECT_THAT(
      boot_ok(spec).output,
      HasSubstr("short 90\nsession 29\nmodel 31\npersistent 37\ngroup 41 43 47\nall 318\n"));
  const Numbers scheduler = {{"attempts", 318}, {"fallbacks", 0}, {"stream_1", 0},
                             {"stream_2", 90},  {"stream_3", 29}, {"stream_4", 31},
                             {"stream_5", 37},  {"stream_6", 41}, {"stream_7", 43},
                             {"stream_8", 0},   {"stream_9", 0},  {"stream_10", 47}};
  EXPECT_EQ(saved_numbers(out.path() / "placement", 1), scheduler);
  // The device saw the writes without a context, too: in stream 5 those with F_SET_RW_HINT.
  const Numbers device = {{"0", 19 + 53}, {"1", 0},       {"2", 90}, {"3", 29},
                          {"4", 31},      {"5", 37 + 61}, {"6", 41}, {"7", 43},
                          {"8", 0},       {"9", 0},       {"10", 47}};
  EXPECT_EQ(saved_numbers(out.path() / "streams", 1), device);
}

TEST(GuestPlacement, ADeviceWithoutStreamsCountsFallbacks) {
  kernel::GuestSpec spec = probe_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += placed("make_device size_gib=1");
  EXPECT_THAT(boot_ok(spec, R"sh(
[ $(cat /sys/block/kssd0/queue/max_write_streams) = 0 ] || fail max_write_streams
echo "all $(trace .) $(trace 'stream 0$')"
)sh")
                  .output,
              HasSubstr("all 318 318\n"));
  const Numbers wanted = {{"attempts", 318}, {"fallbacks", 318}};
  EXPECT_EQ(saved_numbers(out.path() / "placement", 1), wanted);
}

TEST(GuestPlacement, SwitchedOffItLeavesTheHintOfTheInode) {
  kernel::GuestSpec spec = probe_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += placed(R"sh(
kairo_device size_gib=1 gc=1 block_pages=16 spare_percent=25 streams=5
echo 2 > /sys/block/kssd0/queue/iosched/placement 2> /dev/null && fail "placement 2"
echo 0 > /sys/block/kssd0/queue/iosched/placement || fail placement
use_scheduler() { :; }
)sh");
  EXPECT_THAT(boot_ok(spec, "echo \"all $(trace .)\"\n").output, HasSubstr("all 0\n"));
  EXPECT_EQ(saved_numbers(out.path() / "placement", 1).at("attempts"), 0U);
  const Numbers device = {{"0", 323}, {"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}, {"5", 61 + 67}};
  EXPECT_EQ(saved_numbers(out.path() / "streams", 1), device);
}

}  // namespace
}  // namespace kairo::testing
