// SPDX-License-Identifier: GPL-2.0-only
// The scheduler switched off: requests of all classes go in mq-deadline's order, whole, and count
// as what they are without hints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "guest_lab.h"
#include "kairo/base/files.h"

namespace kairo::testing {
namespace {

// Four writes of 1 MiB that the drive works on for six seconds, and meanwhile 61 requests of all
// classes and of none, in one batch each: all are queued before the first of them is sent.
std::string recorded_workload() {
  const auto job = [](const std::string& name, const std::string& rest) {
    return fmt::format(
        "--name={} --filename=/dev/kssd0 --direct=1 --thread=1 --norandommap=1 --randseed=11 "
        "--size=512m --io_size=1g --ioengine=external:{} {} ",
        name, engine_path(), rest);
  };
  const auto batch = [&job](const std::string& cls, unsigned ios, const std::string& rest) {
    return job(cls, fmt::format("--kv_class={} --kv_path=ioprio --startdelay=20ms --number_ios={} "
                                "--iodepth=32 --iodepth_batch_submit=32 {} ",
                                cls, ios, rest));
  };
  return "fio --output=/dev/null " +
         job("busy",
             "--kv_class=normal --rw=write --bs=1m --iodepth=4 --iodepth_batch_submit=4 "
             "--number_ios=4 --offset=512m ") +
         batch("decode", 17, "--rw=randread --bs=4k") +
         batch("prefetch", 13, "--rw=randread --bs=64k") +
         batch("prefill", 19, "--rw=randwrite --bs=16k") +
         job("plain",
             "--kv_class=normal --startdelay=20ms --rw=randrw --bs=8k --number_ios=12 "
             "--iodepth=32 --iodepth_batch_submit=32 ");
}

class OffSwitch : public ::testing::Test {
 protected:
  // The order in which the drive got them: op, sector and bytes of each.
  static std::string order(const base::TempDir& out, const std::string& name) {
    const auto text = base::read_file(out.path() / name, 1 << 20);
    EXPECT_TRUE(text) << (text ? "" : text.error().message);
    return text.value_or("");
  }
};

TEST_F(OffSwitch, OrdersAsMqDeadline) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script +=
      "one() { # NAME SCHEDULER ENABLE\n"
      "make_device size_gib=1 dies=1 read_us=200 program_us=100000 tags=1 order_log=512 "
      "max_request_kib=1024\n"
      "use_scheduler $2\n"
      "iosched=/sys/block/kssd0/queue/iosched\n"
      "[ -z \"$3\" ] || echo $3 > $iosched/enable || fail enable\n"
      // None expires: one counts jiffies, the other nanoseconds.
      "if [ $2 = kairo ]; then echo 60000000 > $iosched/normal_max_wait_us;\n"
      "else echo 60000 > $iosched/read_expire; fi || fail 'the longest wait'\n" +
      recorded_workload() +
      "|| fail fio\n"
      "[ -z \"$3\" ] || cat $counters > /out/$1.counters\n"
      // without the times, and the hint: what is left is the order
      "awk 'NR > 1 && !/^#/ { print $2, $4, $5 }' "
      "/sys/kernel/debug/kairo_ssd/kssd0/order_log > /out/$1\n"
      "remove_device; }\n"
      "one deadline mq-deadline ''\none off kairo 0\none on kairo 1\n";
  boot_ok(spec);

  const std::string deadline = order(out, "deadline");
  EXPECT_THAT(deadline, ::testing::HasSubstr("read"));
  EXPECT_GE(std::count(deadline.begin(), deadline.end(), '\n'), 4 + 61 - 8) << deadline;
  EXPECT_EQ(order(out, "off"), deadline);
  // The workload would show a difference if there was one.
  EXPECT_NE(order(out, "on"), deadline);

  auto off = saved_counters(out.path(), "off.counters");
  auto on = saved_counters(out.path(), "on.counters");
  EXPECT_EQ(off.at("normal").at("queued"), 65U);
  for (const char* const cls : {"decode", "prefetch", "prefill", "evict"})
    EXPECT_EQ(off.at(cls).at("queued"), 0U) << cls;
  EXPECT_EQ(on.at("decode").at("queued"), 17U);
  EXPECT_EQ(on.at("prefetch").at("queued"), 13U);
  EXPECT_EQ(on.at("prefill").at("queued"), 19U);
  EXPECT_EQ(on.at("normal").at("queued"), 16U);
}

// Switched back and forth under load of all classes: nothing is lost or counted twice.
TEST_F(OffSwitch, ChangesUnderLoad) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script +=
      "make_device size_gib=1 memory_backed=1 read_us=20 program_us=50\nuse_scheduler kairo\n"
      "enable=/sys/block/kssd0/queue/iosched/enable\n"
      "for bad in 2 -1 x ''; do echo $bad > $enable 2> /dev/null && fail \"took '$bad'\"; done\n"
      "(for i in $(seq 41); do echo $((i % 2)) > $enable || exit 1; sleep 0.01; done;\n"
      " echo 1 > $enable; touch /tmp/switched) &\n"
      "fio --output=/dev/null --filename=/dev/kssd0 --direct=1 --thread=1 --number_ios=1009 "
      "--iodepth=16 --ioengine=external:" +
      engine_path() +
      " --kv_path=ioprio --name=decode --kv_class=decode --rw=randread --bs=4k --size=256m "
      "--io_size=1g"
      " --name=prefetch --kv_class=prefetch --rw=read --bs=16k --size=256m --io_size=1g"
      " --name=prefill --kv_class=prefill --rw=write --bs=16k --size=32m --offset=512m"
      " --verify=crc32c --number_ios=701 || fail fio\n"
      "wait\n[ -e /tmp/switched ] || fail 'the switch'\ncat $counters > /out/counters\n"
      "head -n 1 $debug/check > /out/check\n";
  boot_ok(spec);
  const auto check = base::read_file(out.path() / "check");
  ASSERT_TRUE(check);
  EXPECT_EQ(*check, "ok\n");
  std::uint64_t queued = 0, dispatched = 0, merged = 0, completed = 0;
  for (const auto& [cls, n] : saved_counters(out.path())) {
    queued += n.at("queued");
    dispatched += n.at("dispatched");
    merged += n.at("merged");
    completed += n.at("completed");
  }
  EXPECT_EQ(queued, dispatched + merged);
  EXPECT_EQ(completed, dispatched);
  EXPECT_GE(queued, 1009U + 1009U + 2U * 701U);
}

}  // namespace
}  // namespace kairo::testing
