// SPDX-License-Identifier: GPL-2.0-only
// What the series does below the scheduler: the I/O priority of metadata, and splits of I/O that must
// not wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/base/units.h"

namespace kairo::testing {
namespace {

using ::testing::HasSubstr;

// traced EVENT NAME: how many there are of EVENT in the trace.
// job CLASS OPTION...: fio, by the engine and its I/O priority.
kernel::GuestSpec core_guest() {
  kernel::GuestSpec spec = lab_guest();
  spec.script += fmt::format("engine=external:{}\n", engine_path());
  spec.script += R"sh(
tracing=/sys/kernel/tracing
echo 8192 > $tracing/buffer_size_kb || fail "no trace"
events() { echo $2 > $tracing/events/$1/enable || fail "no event $1"; }
traced() { grep -c ": $1:" $tracing/trace; }
job() {
  class=$1
  shift
  fio --output=/tmp/$class --name=$class --ioengine=$engine --kv_class=$class --kv_path=ioprio \
    --filename=/dev/kssd0 --direct=1 --thread=1 --size=512m --io_size=100g "$@" ||
    fail "$class: $(cat /tmp/$class)"
}
)sh";
  return spec;
}

// Everybody may wait for metadata. Whoever reads or writes it, its I/O has no hint: not that of the
// task, whose data has.
TEST(GuestCore, MetadataHasNoHint) {
  kernel::GuestSpec spec = core_guest();
  for (const char* const program : {KAIRO_STACK_PROBE, "/usr/sbin/mkfs.ext4"})
    spec.programs.emplace_back(program);
  spec.files.push_back({KAIRO_STACK_PROBE, "/kairo/stack_probe"});
  spec.script += R"sh(
make_device size_gib=1 memory_backed=1
use_scheduler kairo
mkfs.ext4 -q -F /dev/kssd0 || fail mkfs
mount -t ext4 /dev/kssd0 /mnt || fail mount
hinted() { /kairo/stack_probe hinted "$@" || fail "hinted $*"; }
events block/block_rq_issue 1
hinted prefill sh -c 'for i in $(seq 97); do
  mkdir /mnt/$i && dd if=/dev/zero of=/mnt/$i/file bs=64k count=1 conv=fsync 2> /dev/null || exit 1
done; sync'
umount /mnt && mount -t ext4 /dev/kssd0 /mnt || fail "mount again"
hinted decode sh -c 'ls -lR /mnt > /dev/null && cat /mnt/*/file > /dev/null'
events block/block_rq_issue 0
# DEV RWBS BYTES () SECTOR + LENGTH CLASS,HINT,LEVEL: 8 is decode, 10 prefill
awk '{ for (i = 1; i < NF; i++) if ($i == "block_rq_issue:") {
    kind = $(i + 2) ~ /M/ ? "metadata" : "data"
    kind = kind " " ($(i + 2) ~ /W/ ? "written" : "read")
    split($(i + 8), priority, ",")
    all[kind]++
    if (priority[2] >= 8) hinted[kind " " priority[2]]++
  } }
  END { for (kind in all) print kind, (all[kind] > 50 ? "often" : "seldom " all[kind])
    for (kind in hinted) print "hinted", kind, hinted[kind] }' $tracing/trace | sort
balanced
)sh";
  const std::string output = boot_ok(spec).output;
  EXPECT_THAT(output, HasSubstr("metadata read often\nmetadata written often\n"));
  EXPECT_THAT(output, HasSubstr("hinted data read 8 "));
  EXPECT_THAT(output, HasSubstr("hinted data written 10 "));
  EXPECT_THAT(output, ::testing::Not(HasSubstr("hinted metadata"))) << output;
}

// io_uring sends each I/O so that it may not wait first. One that the scheduler splits goes on its
// way so, and is not handed to a thread that may.
TEST(GuestCore, SplitPrefillNeedsNoWorker) {
  kernel::GuestSpec spec = core_guest();
  spec.script += R"sh(
make_device size_gib=1 dies=4 page_kib=16 max_request_kib=128 read_us=15 program_us=40
use_scheduler kairo
events io_uring/io_uring_queue_async_work 1
# What the limits of the drive split does need one, each time.
job prefill --rw=write --bs=256k --iodepth=1 --number_ios=53
echo "by the drive: $(traced io_uring_queue_async_work)"
echo > $tracing/trace
before=$(count prefill queued)
job decode --rw=randread --bs=64k --iodepth=64 --kv_rate=2000 --time_based=1 --runtime=1s &
job prefill --rw=write --bs=128k --iodepth=16 --number_ios=5003
[ -d /proc/$! ] || fail "decode ended first"
wait $! || fail decode
echo "by the scheduler: $(traced io_uring_queue_async_work)"
[ $(count prefill queued) = $((before + 5003 + $(count prefill split))) ] || fail "counted"
[ $(count prefill split) -gt 1009 ] && echo split || echo "split $(count prefill split)"
balanced
)sh";
  EXPECT_EQ(boot_ok(spec).output, "by the drive: 53\nby the scheduler: 0\nsplit\n");
}

}  // namespace
}  // namespace kairo::testing
