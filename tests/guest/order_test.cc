// SPDX-License-Identifier: GPL-2.0-only
// Whose turn it is, seen in what was dispatched: decode reads in a row while others wait, two disks
// each by its own tunables, evictions last; zeroes as evictions, and data of decode reads that wait
// for each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/base/units.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

// A fio job on /dev/DISK; everything else of it is in `options`.
std::string job(const std::string& disk, const std::string& cls, const std::string& options) {
  return fmt::format(
      "--name={0}-{1} --filename=/dev/{0} --ioengine=external:{2} --kv_class={1} --kv_path=ioprio "
      "--size=512m --io_size=100g --direct=1 --thread=1 --norandommap=1 {3} ",
      disk, cls, engine_path(), options);
}

// Of every class always more than the drive takes, all of it expired but for decode reads: as many
// of these in a row as the tunable says, and as many others. What one disk is told is nothing to
// the other one.
TEST(GuestOrder, DecodeReadsInARow) {
  kernel::GuestSpec spec = lab_guest();
  std::string jobs;
  for (const char* const disk : {"kssd0", "kssd1"}) {
    jobs += job(disk, "decode", "--rw=randread --bs=4k --iodepth=64");
    jobs += job(disk, "prefetch", "--rw=randread --bs=64k --iodepth=32");
    jobs += job(disk, "prefill", "--rw=randwrite --bs=64k --iodepth=32");
  }
  EXPECT_EQ(boot_ok(spec, R"sh(
saturated() { # DISK REGULAR EXPIRED
  mkdir -p /sys/kernel/config/kairo_ssd/$1 && cd /sys/kernel/config/kairo_ssd/$1 || fail $1
  echo 1 > size_gib && echo 8 > tags && echo 200 > read_us && echo 200 > program_us &&
    echo 1 > power || fail "power of $1"
  cd /sys/block/$1/queue || fail "no $1"
  echo kairo > scheduler && echo 256 > nr_requests && echo 2 > nomerges && cd iosched &&
    echo off > control && echo $2 > regular_batch && echo $3 > expired_batch || fail tunables
  for class in prefetch prefill; do
    echo 10 > ${class}_max_wait_us && echo 1048576 > ${class}_budget_kib || fail $class
  done
}
saturated kssd0 3 1
saturated kssd1 11 2
event=/sys/kernel/tracing/events/kairo/kairo_dispatch/enable
(sleep 0.5; echo 1 > $event; sleep 0.2; echo 0 > $event; touch /tmp/traced) &
fio --output=/dev/null --time_based=1 --runtime=900ms )sh" +
                              jobs + R"sh(|| fail fio
[ -e /tmp/traced ] || fail "not traced"
# DEVICE CLASS ... of each request; the first and the last row may have begun before or go on.
awk '{ for (i = 1; i < NF; i++) if ($i == "kairo_dispatch:") {
    disk = $(i + 1); class = $(i + 2) == "decode" ? "decode" : "others"
    if (class == last[disk]) { row[disk]++; next }
    if (rows[disk]++ > 1) {
      key = disk " " last[disk]
      seen[key]++
      if (row[disk] > longest[key]) longest[key] = row[disk]
    }
    last[disk] = class; row[disk] = 1
  } }
  END { for (key in seen) print key, longest[key], (seen[key] > 100 ? "often" : seen[key]) }' \
  /sys/kernel/tracing/trace | sort | sed "s/^[0-9]*,//"
)sh")
                .output,
            "0 decode 3 often\n0 others 1 often\n1 decode 11 often\n1 others 2 often\n");
}

// The drive takes one request at a time and is busy while all of these come, evictions first.
TEST(GuestOrder, EvictionsGoLast) {
  kernel::GuestSpec spec = lab_guest();
  const auto batch = [](const std::string& cls, unsigned delay_ms, const std::string& rest) {
    return job("kssd0", cls,
               fmt::format("--iodepth=32 --iodepth_batch_submit=32 --startdelay={}ms "
                           "--number_ios=31 {}",
                           delay_ms, rest));
  };
  EXPECT_EQ(
      boot_ok(spec, R"sh(
make_device size_gib=1 dies=1 read_us=200 program_us=100000 tags=1 order_log=512 \
  max_request_kib=1024
use_scheduler kairo
echo 256 > /sys/block/kssd0/queue/nr_requests || fail nr_requests
cd /sys/block/kssd0/queue/iosched
for class in normal normal_write decode prefetch prefill evict; do
  echo 60000000 > ${class}_max_wait_us || fail ${class}_max_wait_us
done
echo off > control && echo 0 > hold_writes || fail control
for class in prefetch prefill evict; do echo 1048576 > ${class}_budget_kib || fail budget; done
fio --output=/dev/null )sh" +
                        job("kssd0", "normal", "--rw=write --bs=1m --number_ios=4 --iodepth=4") +
                        batch("evict", 250, "--rw=randtrim --bs=64k") +
                        batch("prefill", 550, "--rw=randwrite --bs=16k") +
                        batch("prefetch", 850, "--rw=randread --bs=64k") +
                        batch("plain", 1150, "--kv_class=normal --rw=randread --bs=8k") +
                        batch("decode", 1450, "--rw=randread --bs=4k") + R"sh(|| fail fio
balanced
# Rows of one kind. Those without a hint keep the drive busy, too.
awk 'NR > 1 {
  kind = $2 == "discard" ? "evict" : $3 == 8 ? "decode" : $3 >= 64 || $3 == 9 ? "prefetch" :
    $3 == 10 ? "prefill" : "plain"
  if (kind != last) printf "%s ", kind
  last = kind
} END { print (NR - 1 > 150 ? "all" : NR) }' /sys/kernel/debug/kairo_ssd/kssd0/order_log
)sh")
          .output,
      "plain decode plain prefetch prefill evict all\n");
}

// Zeroes that the drive writes by itself are evictions, as discards: each one is counted.
TEST(GuestOrder, ZeroesAreEvictions) {
  kernel::GuestSpec spec = lab_guest();
  add_built(spec, KAIRO_MERGE_PROBE);
  EXPECT_EQ(boot_ok(spec, R"sh(
kairo_device size_gib=1 order_log=64
for i in 1 2 3 4 5; do /kairo/merge_probe zeroes /dev/kssd0 || fail zeroes; done
balanced
awk 'NR > 1 { seen[$2]++ } END { for (op in seen) print op, seen[op] }' \
  /sys/kernel/debug/kairo_ssd/kssd0/order_log | sort
for class in normal decode prefetch prefill evict; do echo $class $(count $class completed); done
)sh")
                .output,
            "discard 5\nwrite_zeroes 15\nnormal 0\ndecode 0\nprefetch 0\nprefill 0\nevict 20\n");
}

// Small decode reads in sequence that wait for each other and become one: each has its own data.
TEST(GuestOrder, DecodeReadsThatJoinHaveTheirData) {
  kernel::GuestSpec spec = lab_guest();
  const std::string blocks = "--bs=4k --size=16m --io_size=16m --verify=crc32c ";
  EXPECT_EQ(boot_ok(spec, R"sh(
kairo_device size_gib=1 memory_backed=1 max_request_kib=64
echo 32 > /sys/block/kssd0/queue/iosched/decode_merge_kib || fail tunable
fio --output=/dev/null )sh" +
                              job("kssd0", "prefill",
                                  "--rw=write --iodepth=32 --do_verify=0 " + blocks) +
                              "|| fail write\nfio --output=/tmp/fio " +
                              job("kssd0", "decode", "--rw=read --iodepth=64 " + blocks) + R"sh(||
  fail "$(cat /tmp/fio)"
balanced
[ $(count decode merged) -gt 1024 ] && how=joined || how="merged $(count decode merged)"
echo $(count decode queued) $how
# A block that is not what was written is noticed.
dd if=/dev/zero of=/dev/kssd0 bs=4k seek=1009 count=1 conv=fsync 2> /dev/null || fail dd
fio --output=/tmp/fio )sh" + job("kssd0", "decode", "--rw=read --iodepth=64 " + blocks) +
                              "2> /dev/null && fail 'fio did not look'\ntrue\n")
                .output,
            "4096 joined\n");
}

}  // namespace
}  // namespace kairo::testing
