// SPDX-License-Identifier: GPL-2.0-only
// What must not happen on a booted kernel: writes to a mounted device, flags that lie, tunables out
// of range, schedulers changed under load losing requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

TEST(GuestSafety, AMountedDeviceIsNotWritten) {
  kernel::GuestSpec spec = lab_guest();
  spec.programs.emplace_back("/usr/sbin/mkfs.ext4");
  spec.script += fmt::format(
      "make_device size_gib=1 memory_backed=1\n"
      "mkfs.ext4 -q -F /dev/kssd0 64m > /dev/null || fail mkfs\n"
      "mkdir /tmp/m && mount /dev/kssd0 /tmp/m || fail mount\n"
      "sync; sleep 1; echo 0 > $stats\n"
      "fio --name=w --ioengine=external:{} --filename=/dev/kssd0 --direct=1 --rw=randwrite "
      "--bs=64k "
      "--number_ios=11 --size=32m --kv_path=ioprio && fail 'fio wrote to a mounted device'\n"
      "grep -x 'write_bytes 0' $stats || fail \"written: $(cat $stats)\"\n"
      "umount /tmp/m\n",
      engine_path());
  const auto result = boot_ok(spec);
  EXPECT_THAT(result.output, HasSubstr("mounted"));
}

TEST(GuestSafety, TunablesOutOfRangeAreRefusedAndTheOldValueStays) {
  boot_ok(lab_guest(), R"sh(
kairo_device size_gib=1
count=0
for file in /sys/block/kssd0/queue/iosched/*; do
  before=$(cat $file)
  # The last but two is a number, and more than any of them may be.
  for bad in -1 99999999999999999999 4294967295 x ''; do
    echo "$bad" > $file 2> /dev/null && fail "${file##*/} takes '$bad'"
    [ "$(cat $file)" = "$before" ] || fail "${file##*/} changed to $(cat $file) on '$bad'"
  done
  count=$((count + 1))
done
[ $count -ge 6 ] || fail "only $count tunables"
# One below the least, where that is a number, too.
for pair in evict_request_kib=63 prefill_budget_kib=3 normal_max_wait_us=9 expired_batch=0; do
  file=/sys/block/kssd0/queue/iosched/${pair%=*}
  before=$(cat $file)
  echo ${pair#*=} > $file 2> /dev/null && fail "$pair is taken"
  [ "$(cat $file)" = "$before" ] || fail "$pair changed it to $(cat $file)"
done
)sh");
}

// Its counters are some ten KiB for each processor.
TEST(GuestSafety, ASchedulerThatGoesLeavesNothing) {
  boot_ok(lab_guest(), R"sh(
make_device size_gib=1
used() { awk '$1 == "Percpu:" { print $2 }' /proc/meminfo; }
change() { for round in $(seq $1); do use_scheduler kairo; use_scheduler none; done; }
change 3
before=$(used)
change 100
sleep 0.1
[ $(used) -le $((before + 200)) ] || fail "$((($(used) - before) / 100)) KiB are left by each"
)sh");
}

TEST(GuestSafety, ChangingTheSchedulerUnderLoadLosesNothing) {
  kernel::GuestSpec spec = lab_guest();
  spec.script += fmt::format(
      R"sh(
kairo_device size_gib=1
for class in decode:randread prefetch:randread prefill:randwrite evict:randtrim; do
  fio --name=${{class%%:*}} --ioengine=external:{} --filename=/dev/kssd0 --direct=1 --rw=${{class#*:}} \
    --bs=64k --iodepth=32 --runtime=2 --time_based=1 --size=1g --kv_path=ioprio \
    --kv_class=${{class%%:*}} --output=/tmp/${{class%%:*}} &
done
for round in 1 2 3 4 5 6; do
  for scheduler in none kyber kairo mq-deadline bfq kairo; do
    use_scheduler $scheduler
    sleep 0.05
  done
done
for job in 1 2 3 4; do wait || fail "a job failed"; done
grep -L 'err= 0' /tmp/decode /tmp/prefetch /tmp/prefill /tmp/evict | grep . && fail "I/O errors"
use_scheduler kairo
balanced
)sh",
      engine_path());
  boot_ok(spec);
}

}  // namespace
}  // namespace kairo::testing
