// SPDX-License-Identifier: GPL-2.0-only
// The flash model with what drives have beside dies that serve in order: it boots, counts what it
// did, and its latencies are what the attributes say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/reports/fio_json.h"

namespace kairo::testing {
namespace {

constexpr const char* kFunctions = R"sh(
stat() { awk -v name=$1 '$1 == name { print $2 }' $stats; }
between() { # VALUE LOW HIGH WHAT
  [ $1 -ge $2 ] && [ $1 -le $3 ] || fail "$4: $1 is not from $2 to $3"
}
job() { # NAME OPTION ...
  name=$1
  shift
  fio --name=$name --ioengine=io_uring --filename=/dev/kssd0 --direct=1 --thread=1 --bs=64k \
    --size=512m --norandommap=1 --randrepeat=1 --scramble_buffers=0 --output-format=terse --output=/tmp/$name "$@" ||
    fail "$name: $(cat /tmp/$name)"
}
ran() { # NAME read|write: ms, without fio's own start
  [ $2 = read ] && field=9 || field=50
  cut -d ';' -f $field /tmp/$1
}
refused() { # ATTRIBUTE=VALUE ...: by the attribute, or when the device is to start
  ! (make_device size_gib=1 "$@") > /dev/null 2>&1 || fail "not refused: $*"
  rmdir /sys/kernel/config/kairo_ssd/kssd0
}
)sh";

kernel::GuestSpec traits_guest() {
  kernel::GuestSpec spec = lab_guest();
  spec.script += kFunctions;
  return spec;
}

// The given percentile of the reads or writes of the first job that fio saved, ns.
double percentile_ns(const base::TempDir& out, const char* name, std::size_t direction,
                     double percent) {
  const auto text = base::read_file(out.path() / name, 8 << 20);
  const auto fio = text ? reports::parse_fio_json(*text, name)
                        : base::Result<reports::FioOutput>(base::fail(text.error()));
  EXPECT_TRUE(fio) << (fio ? "" : fio.error().message);
  if (!fio) return 0;
  const auto ns = fio->jobs.at(0).directions[direction].latency.histogram.percentile(percent);
  return static_cast<double>(ns.value_or(0));
}

TEST(Traits, AreRefusedWhenTheyMakeNoDrive) {
  boot_ok(traits_guest(), R"sh(
for pair in write_buffer_kib=1048577 buffer_ack_us=1000001 buffer_blocks_queue=2 read_first=2 \
  suspend_us=1000001 spread_percent=101 outlier_ppm=1000001 outlier_factor=1001 \
  pause_every_ms=1000001 pause_ms=10001 slc_gib=16385 slc_program_us=1000001 channels=256 \
  channel_mb_s=100001 link_mb_s=100001 spread_percent=-1 spread_percent=x; do
  refused $pair
done
refused page_kib=64 write_buffer_kib=63
refused outlier_ppm=1
refused slc_gib=1
make_device size_gib=1 write_buffer_kib=64 buffer_ack_us=1 buffer_blocks_queue=1 read_first=1 \
  suspend_us=5 spread_percent=100 outlier_ppm=1000 outlier_factor=5 pause_every_ms=20 pause_ms=1 \
  slc_gib=1 slc_program_us=50 channels=2 channel_mb_s=2000 link_mb_s=3000 gc=1 spare_percent=40
use_scheduler none
job all --rw=randrw --iodepth=32 --number_ios=997 --fsync=7
[ $(stat pauses) -gt 0 ] || fail "no pause: $(cat $stats)"
remove_device
)sh");
}

// The times of the dies are the mean ones, and seconds pass that no die begins anything in.
TEST(Traits, SpreadKeepsTheMeanAndPausesStopTheDies) {
  boot_ok(traits_guest(), R"sh(
make_device size_gib=1 spread_percent=25
use_scheduler none
job spread --rw=randread --iodepth=8 --number_ios=4001
[ $(stat pages_read) = 4001 ] || fail "pages: $(cat $stats)"
between $(($(stat die_busy_ns) / 4001)) 78800 81200 "mean of a read"
remove_device
make_device size_gib=1 dies=1 pause_every_ms=10 pause_ms=5
use_scheduler none
job pauses --rw=randread --iodepth=8 --number_ios=2003
# exp(-1/2) of the time is none in: 160 ms of reads take 264
between $(ran pauses read) 195 360 "reads between pauses, ms"
between $(stat pauses) 15 90 pauses
)sh");
}

// Writes end when there is room, and a flush when there is nothing else.
TEST(Traits, AWriteBufferAcknowledgesAndIsFlushed) {
  const base::TempDir out = boot_kept(traits_guest(), R"sh(
make_device size_gib=1 program_us=100000 write_buffer_kib=8192 buffer_ack_us=10
use_scheduler none
job writes --rw=write --number_ios=67 --output-format=json+ --output=/out/writes
[ $(stat write_bytes) = $((67 * 65536)) ] || fail "written: $(cat $stats)"
buffered=$(stat buffered_bytes)
[ $buffered -gt 0 ] || fail "nothing in the buffer: $(cat $stats)"
sleep 1
[ $(stat buffered_bytes) = 0 ] && [ $(stat programmed_bytes) = $((67 * 65536)) ] ||
  fail "not programmed: $(cat $stats)"
dd if=/dev/zero of=/dev/kssd0 bs=64k count=32 oflag=direct conv=fsync 2> /dev/null || fail dd
[ $(stat buffered_bytes) = 0 ] && [ $(stat programmed_bytes) = $((99 * 65536)) ] ||
  fail "not flushed: $(cat $stats)"
remove_device
make_device size_gib=1 write_buffer_kib=8192 buffer_ack_us=10
use_scheduler none
# more than there is room for goes at the rate of the dies: 8 x 64 KiB in 300 us
job full --rw=write --iodepth=64 --number_ios=4003
between $(ran full write) 130 160 "writes through the buffer, ms"
)sh");
  EXPECT_GT(percentile_ns(out, "writes", 1, 50), 9e3);
  EXPECT_LT(percentile_ns(out, "writes", 1, 99), 100e3);  // a program takes 100 ms
}

// Reads beside writes without end: no more than a program and a read when they go first, and a
// suspension and a read when they interrupt.
TEST(Traits, ReadsGoFirst) {
  const base::TempDir out = boot_kept(traits_guest(), R"sh(
mixed() { # NAME ATTRIBUTE ...
  saved=$1
  shift
  make_device size_gib=1 program_us=900 "$@"
  use_scheduler none
  fio --output-format=json+ --output=/out/$saved --ioengine=io_uring --filename=/dev/kssd0 \
    --direct=1 --thread=1 --size=512m --norandommap=1 --time_based=1 --runtime=1 \
    --name=reads --rw=randread --bs=64k --iodepth=8 --rate_iops=1000 --rate_process=poisson \
    --name=writes --rw=write --bs=128k --iodepth=32 || fail $saved
  cp $stats /out/$saved.stats
  [ $(stat programmed_bytes) -gt 400000000 ] || fail "$saved: $(cat $stats)"
  suspensions=$(stat suspensions)
  remove_device
}
mixed plain
mixed first read_first=1
[ $suspensions = 0 ] || fail "suspensions without suspend_us"
mixed suspend read_first=1 suspend_us=20
[ $suspensions -gt 100 ] || fail "$suspensions suspensions"
)sh");
  EXPECT_GT(percentile_ns(out, "plain", 0, 95), 2 * 980e3);
  EXPECT_LT(percentile_ns(out, "first", 0, 95), 1.15 * 980e3);
  EXPECT_LT(percentile_ns(out, "suspend", 0, 95), 1.5 * 180e3);
}

// A cliff after so many bytes, until the drive was idle; a link that is slower than the dies.
TEST(Traits, FastFlashEndsAndTheLinkLimits) {
  boot_ok(traits_guest(), R"sh(
make_device size_gib=4 dies=2 page_kib=1024 max_request_kib=1024 program_us=2000 read_us=100 \
  slc_gib=1 slc_program_us=200
use_scheduler none
job cliff --rw=write --bs=1m --size=2g --iodepth=8 --number_ios=1224
# 1 GiB in 102 ms and 200 MiB in 200
between $(ran cliff write) 300 400 "over the cliff, ms"
[ $(stat slc_pages) = 1024 ] || fail "not fast: $(cat $stats)"
sleep 1.5
[ $(stat slc_pages) = 0 ] && [ $(stat slc_pages_moved) = 1024 ] || fail "not moved: $(cat $stats)"
remove_device
make_device size_gib=1 link_mb_s=500 channels=8 channel_mb_s=800
use_scheduler none
job link --rw=randread --iodepth=32 --number_ios=2003
between $(ran link read) 260 275 "131 MB through 500 MB/s, ms"
)sh");
}

}  // namespace
}  // namespace kairo::testing
