// SPDX-License-Identifier: GPL-2.0-only
#include "order_guest.h"

#include <gtest/gtest.h>

#include "kairo/base/files.h"

namespace kairo::testing {
namespace {

std::string job(const std::string& name, const std::string& rest) {
  return fmt::format(
      "--name={} --filename=/dev/kssd0 --direct=1 --thread=1 --norandommap=1 --randseed=11 "
      "--size=512m --io_size=1g --iodepth=32 --iodepth_batch_submit=32 --ioengine=external:{} {} ",
      name, engine_path(), rest);
}

// One batch each, while the drive works on four writes of 1 MiB for six seconds. fio looks every
// 100 ms whose delay is over: nearer to each other two batches arrive in an order of chance.
std::string recorded_workload() {
  const auto batch = [](const std::string& cls, unsigned ios, unsigned delay_ms,
                        const std::string& rest) {
    return job(cls, fmt::format("--kv_class={} --kv_path=ioprio --startdelay={}ms "
                                "--number_ios={} {}",
                                cls, delay_ms, ios, rest));
  };
  return "fio --output=/dev/null " +
         job("busy", fmt::format("--kv_class=normal --rw=write --bs=1m --number_ios={} "
                                 "--offset=512m",
                                 kOrderBusy)) +
         batch("decode", kOrderDecode, 250, "--rw=randread --bs=4k") +
         batch("prefetch", kOrderPrefetch, 550, "--rw=randread --bs=64k") +
         batch("prefill", kOrderPrefill, 850, "--rw=randwrite --bs=16k") +
         job("plain", fmt::format("--kv_class=normal --startdelay=1150ms --rw=randrw --bs=8k "
                                  "--number_ios={}",
                                  kOrderPlain));
}

}  // namespace

kernel::GuestSpec order_guest(const std::string& config) {
  kernel::GuestSpec spec = lab_guest(config);
  spec.script += R"sh(record() { # NAME SCHEDULER ENABLE
make_device size_gib=1 dies=1 read_us=200 program_us=100000 tags=1 order_log=512 \
  max_request_kib=1024
use_scheduler $2
iosched=/sys/block/kssd0/queue/iosched
# Else the scheduler has two requests at a time, whatever waits, and nothing to put in order.
echo 128 > /sys/block/kssd0/queue/nr_requests || fail nr_requests
[ -z "${3:-}" ] || echo $3 > $iosched/enable || fail enable
# None expires: one counts jiffies, the other nanoseconds. Nor do writes wait for a tag, of which
# mq-deadline gives them as many as nr_requests was before.
case $2 in
kairo)
  echo 60000000 > $iosched/normal_max_wait_us &&
    echo 60000000 > $iosched/normal_write_max_wait_us ;;
mq-deadline)
  echo 60000 > $iosched/read_expire && echo 60000 > $iosched/write_expire &&
    echo 128 > $iosched/async_depth ;;
esac || fail 'the longest wait'
)sh" + recorded_workload() +
                 R"sh(|| fail fio
[ -z "${3:-}" ] || cat $counters > /out/$1.counters
# without the times, and the hint: what is left is the order
pick /sys/kernel/debug/kairo_ssd/kssd0/order_log op sector bytes > /out/$1
remove_device
}
)sh";
  return spec;
}

std::string recorded_order(const base::TempDir& out, const std::string& name) {
  const auto text = base::read_file(out.path() / name, 1 << 20);
  EXPECT_TRUE(text) << (text ? "" : text.error().message);
  return text.value_or("");
}

}  // namespace kairo::testing
