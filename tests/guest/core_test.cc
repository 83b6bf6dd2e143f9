// SPDX-License-Identifier: GPL-2.0-only
// What the series does below the scheduler: the I/O priority of metadata, splits of I/O that must
// not wait, and what a completion costs that makes room.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/base/text.h"
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
  add_built(spec, KAIRO_STACK_PROBE);
  spec.programs.emplace_back("/usr/sbin/mkfs.ext4");
  const std::string output = boot_ok(spec, R"sh(
kairo_device size_gib=1 memory_backed=1
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
)sh")
                                 .output;
  EXPECT_THAT(output, HasSubstr("metadata read often\nmetadata written often\n"));
  EXPECT_THAT(output, HasSubstr("hinted data read 8 "));
  EXPECT_THAT(output, HasSubstr("hinted data written 10 "));
  EXPECT_THAT(output, ::testing::Not(HasSubstr("hinted metadata"))) << output;
}

// io_uring sends each I/O so that it may not wait first. One that the scheduler splits goes on its
// way so, and is not handed to a thread that may.
TEST(GuestCore, SplitPrefillNeedsNoWorker) {
  EXPECT_EQ(boot_ok(core_guest(), R"sh(
kairo_device size_gib=1 dies=4 page_kib=16 max_request_kib=128 read_us=15 program_us=40
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
)sh")
                .output,
            "by the drive: 53\nby the scheduler: 0\nsplit\n");
}

// A completion that makes room runs one hardware queue, however many the drive has, and an I/O that
// finds nothing waiting looks for nothing to merge with.
TEST(GuestCore, CompletionsRunOneQueue) {
  kernel::GuestSpec spec = core_guest();
  spec.smp = 8;
  EXPECT_EQ(boot_ok(spec, R"sh(
kairo_device size_gib=1 hw_queues=8
[ $(ls -d /sys/kernel/debug/block/kssd0/hctx* | wc -l) = 8 ] || fail "not eight queues"
for function in blk_mq_run_hw_queues blk_mq_run_hw_queue kairo_bio_merge blk_mq_sched_try_merge; do
  echo "p:$function $function" >> $tracing/kprobe_events || fail "no probe of $function"
done
events kprobes 1
hits() { awk -v name=$1 '$1 == name { print $2 + $3 }' $tracing/kprobe_profile; }
job decode --rw=randread --bs=64k --iodepth=1 --number_ios=503
echo "merge? $(hits kairo_bio_merge) looked $(hits blk_mq_sched_try_merge)"
job prefill --rw=randwrite --bs=64k --iodepth=64 --number_ios=2003
[ $(count prefill held) -gt 100 ] || fail "prefill did not wait: $(cat $counters)"
[ $(hits blk_mq_sched_try_merge) -gt 1000 ] || fail "none looked for a merge"
all=$(hits blk_mq_run_hw_queues)
one=$(hits blk_mq_run_hw_queue)
[ $one -gt 500 ] && [ $one -lt 5000 ] && one=some
echo "all $all one $one"
# The count does count.
echo run > /sys/kernel/debug/block/kssd0/state || fail "run"
echo "all $(hits blk_mq_run_hw_queues)"
balanced
)sh")
                .output,
            "merge? 503 looked 0\nall 0 one some\nall 1\n");
}

// What the controller's timer takes, in the TSC's ticks, which are instructions here: the middle
// one of its calls while prefill runs on processor 0, and then on another one, if there is.
std::vector<double> timer_ticks(unsigned processors) {
  kernel::GuestSpec spec = core_guest();
  spec.smp = processors;
  spec.script += R"sh(
kairo_device size_gib=1
echo x86-tsc > $tracing/trace_clock || fail clock
for end in entry exit; do events timer/timer_expire_$end 1; done
for processor in 1 2; do
  # A mask: of one that is not there, taskset fails.
  taskset -p $processor $$ > /dev/null 2>&1 || break
  echo > $tracing/trace
  job prefill --rw=write --bs=64k --iodepth=16 --number_ios=4001
  awk '{ for (i = 1; i < NF; i++) {
      if ($i == "timer_expire_entry:" && /kairo_feedback_timer/) began[$2] = $(i - 1) + 0
      if ($i == "timer_expire_exit:" && began[$2]) {
        print $(i - 1) - began[$2]
        began[$2] = 0
      }
    } }' $tracing/trace | sort -n > /tmp/ticks
  [ $(wc -l < /tmp/ticks) -ge 10 ] || fail "few calls: $(cat /tmp/ticks)"
  sed -n $(($(wc -l < /tmp/ticks) / 2))p /tmp/ticks
done
)sh";
  std::vector<double> ticks;
  const std::string output = boot_ok(spec).output;
  for (const std::string_view line : base::split_lines(output))
    ticks.push_back(static_cast<double>(base::parse_u64(line).value_or(0)));
  return ticks;
}

// The controller adds up what processors counted that ever did something for it, not what all
// might have.
TEST(GuestCore, ProcessorsThatDoNothingCostNothing) {
  const auto one = timer_ticks(1);
  const auto eight = timer_ticks(8);
  ASSERT_EQ(one.size(), 1U);
  ASSERT_EQ(eight.size(), 2U);
  EXPECT_GT(one[0], 0);
  EXPECT_LE(eight[0], 1.1 * one[0]);
  // The second one that works is seen.
  EXPECT_GE(eight[1], 1.15 * one[0]);
}

}  // namespace
}  // namespace kairo::testing
