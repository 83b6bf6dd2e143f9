// SPDX-License-Identifier: GPL-2.0-only
// The series on a kernel that looks for bugs (KASAN, UBSAN, lockdep, PROVE_RCU, object debugging):
// KUnit's suites, then load while everything around it changes. The log must stay clean and the
// scheduler's counters must balance. Nothing here depends on which tunables there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/base/files.h"
#include "kairo/kernel/ktap.h"

namespace kairo::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Two processors, so that completions and dispatch meet.
kernel::GuestSpec debug_guest() {
  kernel::GuestSpec spec = lab_guest("debug");
  spec.smp = 2;
  spec.mem_mib = 1536;
  spec.script += fmt::format("engine=external:{}\n", engine_path());
  spec.script += R"sh(
# start NAME CLASS RW NUMBER DEVICE [OPTION ...]: fio in the background.
start() {
  name=$1 class=$2 rw=$3 number=$4 device=$5
  shift 5
  fio --name=$name --ioengine=$engine --kv_path=ioprio --kv_class=$class --filename=/dev/$device \
    --direct=1 --thread=1 --bs=64k --rw=$rw --iodepth=16 --number_ios=$number --io_size=1g \
    --size=256m --output=/tmp/$name "$@" &
}
# A job of each class at once, and one without a hint that flushes.
start_mix() { # NUMBER DEVICE
  start decode decode randread $1 $2
  start prefetch prefetch randread $1 $2 --bs=128k
  start prefill prefill write $1 $2 --bs=256k
  start evict evict randtrim $1 $2
  fio --name=plain --ioengine=psync --filename=/dev/$2 --direct=1 --bs=16k --rw=randrw --fsync=8 \
    --number_ios=$1 --io_size=1g --size=256m --output=/tmp/plain &
}
wait_mix() {
  for job in 1 2 3 4 5; do wait; done
  for name in decode prefetch prefill evict plain; do
    grep -q 'err= 0' /tmp/$name || fail "$name: $(cat /tmp/$name)"
  done
}
)sh";
  return spec;
}

TEST(GuestDebug, KunitSuitesPass) {
  const base::TempDir out = boot_kept(debug_guest(), R"sh(
for suite in /sys/kernel/debug/kunit/kairo*; do
  cat $suite/results > /out/${suite##*/} || fail "no KUnit results"
done
)sh");
  std::vector<std::string> suites;
  for (const auto& file : std::filesystem::directory_iterator(out.path())) {
    const auto text = base::read_file(file.path());
    ASSERT_TRUE(text) << text.error().message;
    const auto result = kernel::parse_ktap(*text, file.path().filename().string());
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(result->failed, IsEmpty()) << *text;
    EXPECT_GE(result->passed, 1U) << *text;
    suites.push_back(file.path().filename());
  }
  // All that the series has: one that is no longer built, or that crashes, is missed.
  EXPECT_THAT(suites, UnorderedElementsAre("kairo-control", "kairo-deadline", "kairo-iosched",
                                           "kairo-window", "kairo_ssd_buffer", "kairo_ssd_die",
                                           "kairo_ssd_drive", "kairo_ssd_events", "kairo_ssd_flash",
                                           "kairo_ssd_ftl", "kairo_ssd_noise"));
}

TEST(GuestDebug, ChangesUnderLoadLoseNothing) {
  boot_ok(debug_guest(), R"sh(
kairo_device size_gib=1 hw_queues=2 tags=64
queue=/sys/block/kssd0/queue

start_mix 211 kssd0
rounds=0
while pidof fio > /dev/null; do
  for scheduler in none kairo bfq kairo mq-deadline kairo kyber kairo; do
    use_scheduler $scheduler
    sleep 0.01
  done
  rounds=$((rounds + 1))
done
wait_mix
[ $rounds -ge 2 ] || fail "the load ended in the first round of schedulers"

# A switch starts the counters anew; from here on there is none.
use_scheduler none
use_scheduler kairo
# More of it: switching the scheduler off and on waits for all that is under way.
start_mix 1009 kssd0
rounds=0
while pidof fio > /dev/null; do
  for number in 4 17 256 64; do
    echo $number > $queue/nr_requests || fail "nr_requests $number"
    sleep 0.01
  done
  # Each tunable to another value and back; a value out of range is refused, which is fine.
  for file in $queue/iosched/*; do
    value=$(cat $file)
    case $value in *[!0-9]* | '') continue ;; esac
    for other in $((value / 2)) $((value * 2)); do echo $other > $file 2> /dev/null; done
    echo $value > $file || fail "${file##*/} does not take its own value $value"
  done
  rounds=$((rounds + 1))
done
[ $rounds -ge 2 ] || fail "the load ended in the first round of changes"
wait_mix
balanced kssd0
)sh");
}

TEST(GuestDebug, RequestsThatComeBackOrAreLost) {
  const auto result = boot_ok(debug_guest(), R"sh(
# null_blk returns one request in ten to the core, by both ways it has.
disk=/sys/kernel/config/nullb/requeue
mkdir $disk || fail "no null_blk"
echo 256 > $disk/size
echo 2 > $disk/irqmode
echo 20000 > $disk/completion_nsec
echo 8 > $disk/hw_queue_depth
echo 1 > $disk/discard
echo 1 > $disk/memory_backed
echo 0 > $disk/requeue_inject/verbose
echo -1 > $disk/requeue_inject/times
echo 10 > $disk/requeue_inject/probability || fail "no fault injection"
echo 1 > $disk/power || fail "null_blk does not start"
echo kairo > /sys/block/requeue/queue/scheduler || fail "no kairo scheduler"
start_mix 211 requeue
wait_mix
balanced requeue
echo 0 > $disk/power
rmdir $disk

# The flash model loses 7 completions; the block layer ends them by its time-out.
kairo_device size_gib=1
echo 1000 > /sys/block/kssd0/queue/io_timeout
faults=/sys/kernel/debug/fail_io_timeout
echo 0 > $faults/verbose
echo 7 > $faults/times
echo 13 > $faults/interval
echo 100 > $faults/probability
echo 1 > /sys/block/kssd0/io-timeout-fail
for class in decode:randread prefill:randwrite; do
  start ${class%:*} ${class%:*} ${class#*:} 101 kssd0 --continue_on_error=all
done
wait
wait
echo 0 > /sys/block/kssd0/io-timeout-fail
[ $(cat $faults/times) = 0 ] || fail "$(cat $faults/times) of 7 completions were not lost"
balanced kssd0
# Whole again afterwards.
start_mix 53 kssd0
wait_mix
balanced kssd0
)sh");
  EXPECT_THAT(result.console, ::testing::HasSubstr("timeout error, dev kssd0"));
}

TEST(GuestDebug, ADeviceThatGoesAwayUnderLoad) {
  boot_ok(debug_guest(), R"sh(
for scheduler in none kairo; do
  make_device size_gib=1 memory_backed=1
  use_scheduler $scheduler
  start_mix 100003 kssd0
  # Not before all are at work: a job that finds no device would make a file of that name.
  until awk '/^(reads|writes|discards|flushes) / && $2 > 10 { n++ } END { exit n < 4 }' $stats; do
    sleep 0.05
  done
  remove_device
  for job in 1 2 3 4 5; do wait; done
  for name in decode prefetch prefill evict plain; do
    grep -q 'err= 0' /tmp/$name && fail "$name did not notice that its device is gone"
  done
  [ ! -e /sys/block/kssd0 ] || fail "the disk is still there"
  [ ! -e /dev/kssd0 ] || fail "a job came too late"
done
kairo_device size_gib=1
start_mix 53 kssd0
wait_mix
balanced kssd0
)sh");
}

}  // namespace
}  // namespace kairo::testing
