// SPDX-License-Identifier: GPL-2.0-only
// Writes without a hint wait for the limits of prefill while there are decode reads, and only then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/reports/fio_json.h"

namespace kairo::testing {
namespace {

constexpr unsigned kWrites = 1009;

const char* const kDevice = "kairo_device size_gib=1 dies=3 read_us=110 program_us=900\n";

std::string decode(const std::string& options) {
  return fmt::format(
      "--name=decode --ioengine=external:{} --kv_class=decode --kv_path=ioprio "
      "--filename=/dev/kssd0 --direct=1 --thread=1 --rw=randread --bs=64k --iodepth=64 "
      "--kv_rate=1000 {} ",
      engine_path(), options);
}

// As many as there are, at random places, so that none merge.
std::string writes() {
  return fmt::format(
      "--name=writes --ioengine=io_uring --filename=/dev/kssd0 --direct=1 --thread=1 "
      "--rw=randwrite --bs=64k --iodepth=64 --number_ios={} --io_size=1g ",
      kWrites);
}

// Of a saved $debug/latency, with the time in the scheduler. fio's would have the time it waits for
// the guest's one processor, which fills pages meanwhile.
std::uint64_t decode_p99_ns(const base::TempDir& out, const std::string& name) {
  return number(saved_latency(out.path() / name, "decode", "total"), "p99_ns");
}

// Not without decode reads, not if the user says so, and each write is counted and ends once.
TEST(Hold, WhileThereIsDecodeOnly) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  EXPECT_EQ(
      boot_ok(spec,
              "for case in alone free held; do\n" + std::string(kDevice) +
                  "[ $case != free ] || echo 0 > /sys/block/kssd0/queue/iosched/hold_writes || "
                  "fail tunable\n"
                  "decode=\n[ $case = alone ] || decode='" +
                  decode("--time_based=1 --runtime=300ms") +
                  "'\n"
                  "fio --output=/dev/null $decode" +
                  writes() +
                  "|| fail fio\nbalanced\n"
                  "cat $counters > /out/$case\ngrep '^prefill ' $debug/in_flight | cut -d' ' -f2\n"
                  "remove_device\ndone\n")
          .output,
      "0\n0\n0\n0\n0\n0\n");  // requests and bytes of each case
  for (const std::string name : {"alone", "free", "held"}) {
    auto normal = saved_counters(out.path(), name).at("normal");
    EXPECT_EQ(normal.at("queued"), kWrites + normal.at("split")) << name;
    const std::uint64_t waited = normal.at("held") + normal.at("paced");
    if (name == "held")
      EXPECT_GE(waited, kWrites / 8) << name;
    else
      EXPECT_EQ(waited, 0U) << name;
  }
}

// Pages that the kernel writes back, as fast as the drive takes them: decode reads wait for a part
// of the time, and the drive has as much to do.
TEST(Hold, WriteBackOfThePageCache) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  boot_ok(spec,
          "echo 33554432 > /proc/sys/vm/dirty_bytes || fail dirty_bytes\n"
          "for hold in 0 1; do\n" +
              std::string(kDevice) +
              "echo $hold > /sys/block/kssd0/queue/iosched/hold_writes || "
              "fail hold\n"
              "(sleep 1; echo 0 > $stats; sleep 1.5; cat $stats > /out/stats$hold) &\n"
              "fio --output=/dev/null " +
              decode("--time_based=1 --runtime=2500ms") +
              "--name=pages --ioengine=psync --filename=/dev/kssd0 --rw=write --bs=1m --size=512m "
              "--time_based=1 --runtime=2600ms || fail fio\n"
              "wait\ncat $counters > /out/counters$hold\ncat $debug/latency > /out/latency$hold\n"
              "remove_device\ndone\n");
  EXPECT_EQ(saved_counters(out.path(), "counters0").at("normal").at("held"), 0U);
  EXPECT_GT(saved_counters(out.path(), "counters1").at("normal").at("queued"), 1000U);

  const std::uint64_t free_ns = decode_p99_ns(out, "latency0");
  const std::uint64_t held_ns = decode_p99_ns(out, "latency1");
  EXPECT_GT(held_ns, 110'000U);
  EXPECT_LT(held_ns, free_ns / 4);
  const auto programmed = [&](const char* name) {
    return static_cast<double>(saved_numbers(out.path() / name)["programmed_bytes"]);
  };
  EXPECT_GT(programmed("stats0"), 0);
  EXPECT_GE(programmed("stats1"), 0.9 * programmed("stats0"));
}

// A log beside prefill that always has more to send, in requests of the same size: its writes go
// before the backlog. Smaller ones would fit into what is left of the budget anyway.
TEST(Hold, ALogDoesNotWaitForTheBacklogOfPrefill) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  boot_ok(spec,
          std::string(kDevice) +
              "fio --output-format=json+ --output=/out/fio.json "
              "--name=log --ioengine=psync --filename=/dev/kssd0 --direct=1 --thread=1 "
              "--rw=write --bs=128k --offset=900m --size=32m --number_ios=211 --startdelay=1 " +
              decode("--size=800m --time_based=1 --runtime=3") +
              fmt::format("--name=prefill --ioengine=external:{} --kv_class=prefill "
                          "--kv_path=ioprio --filename=/dev/kssd0 --direct=1 --thread=1 "
                          "--rw=write --bs=1m --size=800m --iodepth=16 --time_based=1 "
                          "--runtime=3 || fail fio\nbalanced\ncat $counters > /out/counters\n",
                          engine_path()));
  auto normal = saved_counters(out.path()).at("normal");
  EXPECT_EQ(normal.at("completed"), 211U);
  // Each is the next one that the rate and the budget let go: it begins to wait for them once, or
  // for one after the other. Behind prefill it would each time that this goes.
  EXPECT_LE(normal.at("held") + normal.at("paced"), 2 * 211U);
  const auto text = base::read_file(out.path() / "fio.json", 8 << 20);
  ASSERT_TRUE(text);
  const auto fio = reports::parse_fio_json(*text, "fio.json");
  ASSERT_TRUE(fio) << fio.error().message;
  const auto p99_ns = fio->jobs.at(0).directions[1].latency.histogram.percentile(99);
  ASSERT_TRUE(p99_ns);
  // Its own program, those before it on its die and what the rate makes it wait for.
  EXPECT_LE(*p99_ns, 10 * 900'000U);
}

}  // namespace
}  // namespace kairo::testing
