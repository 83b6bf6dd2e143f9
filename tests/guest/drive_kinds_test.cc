// SPDX-License-Identifier: GPL-2.0-only
// The scheduler on devices that ask more of it than the flash model: zoned, polled, with several
// queues, with a volatile cache, and one that gets commands past the scheduler. Each time the
// counters must be exactly what was sent, and balance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nvme_guest.h"

namespace kairo::testing {
namespace {

// null_disk NAME [ATTRIBUTE=VALUE ...]: a null_blk disk /dev/NAME under kairo, 20 µs a request.
// send NAME CLASS RW NUMBER [OPTION ...]: fio through the engine; fails with fio.
// count NAME CLASS COLUMN: a counter. expect NAME CLASS COLUMN VALUE.
constexpr const char* kFunctions = R"sh(
null_disk() {
  name=$1
  shift
  disk=/sys/kernel/config/nullb/$name
  mkdir $disk || fail "no null_blk"
  for pair in size=256 irqmode=2 completion_nsec=20000 hw_queue_depth=16 "$@"; do
    echo ${pair#*=} > $disk/${pair%%=*} || fail "null_blk attribute $pair"
  done
  echo 1 > $disk/power || fail "null_blk does not start: $*"
  echo kairo > /sys/block/$name/queue/scheduler || fail "no kairo scheduler on $name"
}
send() {
  name=$1 class=$2 rw=$3 number=$4
  shift 4
  fio --name=$class --ioengine=$engine --kv_path=ioprio --kv_class=$class --filename=/dev/$name \
    --direct=1 --thread=1 --bs=16k --rw=$rw --iodepth=16 --number_ios=$number --io_size=1g \
    --size=128m --output=/tmp/$class "$@" || fail "$class: $(cat /tmp/$class)"
  grep -q 'err= 0' /tmp/$class || fail "$class: $(cat /tmp/$class)"
}
count() { cell /sys/kernel/debug/block/$1/sched/counters $3 $2; }
expect() {
  [ "$(count $1 $2 $3)" = $4 ] || fail "$2 $3 is $(count $1 $2 $3) and not $4"
}
)sh";

kernel::GuestSpec device_guest(unsigned processors = 1) {
  kernel::GuestSpec spec = lab_guest();
  spec.smp = processors;
  spec.script += fmt::format("engine=external:{}\n", engine_path());
  spec.script += kFunctions;
  return spec;
}

// Writes of a zone stay in order at any depth, and what was written is read back.
TEST(Devices, Zoned) {
  boot_ok(device_guest(), R"sh(
null_disk zoned zoned=1 zone_size=16 memory_backed=1
grep -q host-managed /sys/block/zoned/queue/zoned || fail "not zoned"
echo 2 > /sys/block/zoned/queue/nomerges
send zoned prefill write 2003 --zonemode=zbd --verify=crc32c --do_verify=0
expect zoned prefill queued 2003
send zoned decode read 2003 --zonemode=zbd --verify=crc32c
expect zoned decode queued 2003
send zoned prefill randwrite 211 --zonemode=zbd
balanced zoned
)sh");
}

TEST(Devices, Polled) {
  boot_ok(device_guest(2), R"sh(
null_disk polled submit_queues=2 poll_queues=2
[ $(cat /sys/block/polled/queue/io_poll) = 1 ] || fail "no polling"
send polled decode randread 503 --hipri=1
send polled prefill randwrite 251 --hipri=1
expect polled decode queued 503
expect polled prefill queued 251
balanced polled
)sh");
}

// Four queues, four processors: requests of one queue are dispatched in the run of another.
TEST(Devices, SeveralQueues) {
  boot_ok(device_guest(4), R"sh(
kairo_device size_gib=1 hw_queues=4 tags=16
[ $(ls -d /sys/block/kssd0/mq/* | wc -l) = 4 ] || fail "not four queues"
for cpu in 0 1 2 3; do
  (send kssd0 decode randread 503 --cpus_allowed=$cpu --output=/tmp/decode$cpu) || exit 1 &
  (send kssd0 prefill randwrite 251 --cpus_allowed=$cpu --output=/tmp/prefill$cpu) || exit 1 &
done
wait
expect kssd0 decode queued $((4 * 503))
expect kssd0 prefill queued $((4 * 251))
balanced kssd0
)sh");
}

// Flushes go their own way through the core. A write with one in front of it, as a journal sends
// it, comes back at the head, and counts as any other.
TEST(Devices, VolatileCache) {
  kernel::GuestSpec spec = device_guest();
  spec.programs.emplace_back("/usr/sbin/mkfs.ext4");
  boot_ok(spec, R"sh(
bios=/sys/kernel/tracing/events/block/block_bio_queue/enable
for fua in 0 1; do
  null_disk cache$fua cache_size=64 fua=$fua memory_backed=1
  [ "$(cat /sys/block/cache$fua/queue/write_cache)" = "write back" ] || fail "no cache"
  [ $(cat /sys/block/cache$fua/queue/fua) = $fua ] || fail "fua is not $fua"
  send cache$fua prefill randwrite 127 --sync=dsync --verify=crc32c
  send cache$fua prefill randwrite 131 --fsync=4
  # fio counts what it syncs as I/Os, too
  written=$(sed -n 's/.*issued rwts: total=0,\([0-9]*\),.*/\1/p' /tmp/prefill)
  [ $written -gt 60 ] || fail "fio wrote $written"
  expect cache$fua prefill completed $((127 + written))
  mkfs.ext4 -q -F /dev/cache$fua || fail mkfs
  mkdir -p /tmp/m && mount /dev/cache$fua /tmp/m || fail mount
  echo 2 > /sys/block/cache$fua/queue/nomerges
  merged=$(count cache$fua normal merged)
  echo > /sys/kernel/tracing/trace
  echo 1 > $bios || fail "no events"
  for i in $(seq 23); do
    dd if=/dev/zero of=/tmp/m/$i bs=4k count=3 conv=fsync 2> /dev/null || fail dd
  done
  umount /tmp/m || fail umount
  echo 0 > $bios
  [ $(grep -c 'block_bio_queue: [0-9,]* FW' /sys/kernel/tracing/trace) -ge 23 ] || fail "flushes: $(tail -n 12 /sys/kernel/tracing/trace)"
  expect cache$fua normal merged $merged
  balanced cache$fua
done
)sh");
}

// Commands that user space sends itself bypass the scheduler: not counted, and in nobody's way.
TEST(Devices, Passthrough) {
  kernel::GuestSpec spec = device_guest();
  add_emulated_drive(spec, 256, {"nvme,serial=kairo,drive=drive"});
  boot_ok(spec, R"sh(
until [ -e /dev/ng0n1 ]; do sleep 0.1; done
echo kairo > /sys/block/nvme0n1/queue/scheduler || fail "no kairo scheduler"
fio --name=passthrough --ioengine=io_uring_cmd --cmd_type=nvme --filename=/dev/ng0n1 --bs=16k \
  --rw=randread --iodepth=8 --number_ios=307 --io_size=1g --size=128m --thread=1 \
  --output=/tmp/passthrough &
send nvme0n1 decode randread 211
wait
grep -q 'err= 0' /tmp/passthrough || fail "passthrough: $(cat /tmp/passthrough)"
grep -q 'issued rwts: total=307,' /tmp/passthrough || fail "$(cat /tmp/passthrough)"
expect nvme0n1 decode queued 211
expect nvme0n1 normal queued 0
balanced nvme0n1
)sh");
}

}  // namespace
}  // namespace kairo::testing
