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
  kernel::GuestSpec spec = lab_guest();
  spec.script += R"sh(
make_device size_gib=1
use_scheduler kairo
count=0
for file in /sys/block/kssd0/queue/iosched/*; do
  before=$(cat $file)
  for bad in -1 99999999999999999999 x ''; do
    echo "$bad" > $file 2> /dev/null && fail "${file##*/} takes '$bad'"
    [ "$(cat $file)" = "$before" ] || fail "${file##*/} changed to $(cat $file) on '$bad'"
  done
  count=$((count + 1))
done
[ $count -ge 6 ] || fail "only $count tunables"
)sh";
  boot_ok(spec);
}

TEST(GuestSafety, ChangingTheSchedulerUnderLoadLosesNothing) {
  kernel::GuestSpec spec = lab_guest();
  spec.script += fmt::format(
      R"sh(
make_device size_gib=1
use_scheduler kairo
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
