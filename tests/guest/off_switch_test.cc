// SPDX-License-Identifier: GPL-2.0-only
// The scheduler switched off: requests of all classes go in mq-deadline's order, whole, and count
// as what they are without hints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "kairo/base/files.h"
#include "order_guest.h"

namespace kairo::testing {
namespace {

TEST(OffSwitch, OrdersAsMqDeadline) {
  const base::TempDir out = boot_kept(
      order_guest(), "record deadline mq-deadline\nrecord off kairo 0\nrecord on kairo 1\n");

  const std::string deadline = recorded_order(out, "deadline");
  EXPECT_THAT(deadline, ::testing::HasSubstr("read"));
  EXPECT_GE(std::count(deadline.begin(), deadline.end(), '\n'), kOrderRequests - 8) << deadline;
  EXPECT_EQ(recorded_order(out, "off"), deadline);
  // The workload would show a difference if there was one.
  EXPECT_NE(recorded_order(out, "on"), deadline);

  auto off = saved_counters(out.path(), "off.counters");
  auto on = saved_counters(out.path(), "on.counters");
  EXPECT_EQ(off.at("normal").at("queued"), kOrderRequests);
  for (const char* const cls : {"decode", "prefetch", "prefill", "evict"})
    EXPECT_EQ(off.at(cls).at("queued"), 0U) << cls;
  EXPECT_EQ(on.at("decode").at("queued"), kOrderDecode);
  EXPECT_EQ(on.at("prefetch").at("queued"), kOrderPrefetch);
  EXPECT_EQ(on.at("prefill").at("queued"), kOrderPrefill);
  EXPECT_EQ(on.at("normal").at("queued"), kOrderBusy + kOrderPlain);
}

// Decode reads of before the switch hold no write after it, however long they count as there.
TEST(OffSwitch, HoldsNothing) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  const std::string job =
      "fio --output=/dev/null --filename=/dev/kssd0 --direct=1 --thread=1 --bs=64k --size=1g ";
  boot_ok(spec,
          "kairo_device size_gib=1\ncd /sys/block/kssd0/queue/iosched\n"
          "echo off > control || fail control\necho 4 > prefill_budget_kib || fail budget\n"
          "echo 10000 > decode_idle_ms || fail idle\n"
          "for state in on off; do\n" +
              job + "--name=decode --ioengine=external:" + engine_path() +
              " --kv_class=decode --kv_path=ioprio --rw=randread --number_ios=3 || fail decode\n"
              "[ $state = on ] || echo 0 > enable || fail enable\n" +
              job +
              "--name=writes --ioengine=io_uring --rw=randwrite --iodepth=32 "
              "--number_ios=503 || fail writes\n"
              "cat $counters > /out/$state\ndone\n");
  const auto held = [&](const std::string& state) {
    return saved_counters(out.path(), state).at("normal").at("held");
  };
  EXPECT_GE(held("on"), 100U);
  EXPECT_EQ(held("off"), held("on"));
}

// Switched back and forth under load of all classes: nothing is lost or counted twice.
TEST(OffSwitch, ChangesUnderLoad) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  boot_ok(
      spec,
      "kairo_device size_gib=1 memory_backed=1 read_us=20 program_us=50\n"
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
          "head -n 1 $debug/check > /out/check\n");
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
