// SPDX-License-Identifier: GPL-2.0-only
// Garbage collection of the flash model on the booted kernel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"

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
  spec.script += R"sh(
make_device size_gib=1
write_pages --rw=randwrite --io_size=4g --number_ios=20011
echo "off $(value $stats pages_programmed) $(value $stats pages_moved) $(value $stats blocks_erased)"
[ "$(cat $streams)" = "stream pages_programmed" ] || fail "streams of a drive that has none"
)sh";
  EXPECT_THAT(boot_ok(spec).output, HasSubstr("off 20011 0 0\n"));
}

TEST(GuestPlacement, PagesAreMovedWhenWritesAreOutOfOrder) {
  kernel::GuestSpec spec = lab_guest();
  spec.script += kFunctions;
  spec.script += R"sh(
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
)sh";
  const auto result = boot_ok(spec);
  EXPECT_THAT(result.output, HasSubstr("in_order 16384 0\n"));
  EXPECT_THAT(result.output, HasSubstr("by_chance 20011\n"));
}

}  // namespace
}  // namespace kairo::testing
