// SPDX-License-Identifier: GPL-2.0-only
// A prime number of I/Os of each class through each carrier; the scheduler's counters move by
// exactly those numbers.
#include <gtest/gtest.h>

#include "guest_lab.h"
#include "kairo/base/files.h"

namespace kairo::testing {
namespace {

struct Sent {
  const char* cls;
  const char* rw;
  unsigned ios;
};

constexpr Sent kReads[] = {{"decode", "randread", 1009}, {"prefetch", "randread", 503}};
constexpr Sent kPrefill = {"prefill", "randwrite", 251};
constexpr Sent kEvict = {"evict", "randtrim", 127};
constexpr unsigned kNormalReads = 61;

std::string fio(const Sent& sent, const std::string& path) {
  return fmt::format(
      "fio --name={0} --ioengine=external:{1} --filename=/dev/kssd0 --direct=1 --thread=1 --bs=64k "
      "--rw={2} --iodepth=16 --number_ios={3} --io_size=1g --size=1g --kv_path={4} --kv_class={0} "
      "--output=/dev/null || fail '{4} {0}'\n",
      sent.cls, engine_path(), sent.rw, sent.ios, path);
}

class HintCounters : public ::testing::TestWithParam<const char*> {};

TEST_P(HintCounters, MoveByExactlyWhatWasSent) {
  const std::string path = GetParam();
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += "kairo_device size_gib=1\n";
  for (const Sent& sent : kReads) spec.script += fio(sent, path);
  spec.script += fio(kPrefill, path);
  spec.script += fio(kEvict, path);
  spec.script += fmt::format(
      "fio --name=plain --ioengine=psync --filename=/dev/kssd0 --direct=1 --bs=64k --rw=randread "
      "--number_ios={} --size=1g --output=/dev/null || fail plain\n",
      kNormalReads);
  boot_ok(spec, "cat $counters > /out/counters\n");

  const auto counters = saved_counters(out.path());
  for (const auto& [cls, ios] : {std::pair<std::string, std::uint64_t>{"decode", kReads[0].ios},
                                 {"prefetch", kReads[1].ios},
                                 {"prefill", kPrefill.ios},
                                 {"evict", kEvict.ios},
                                 {"normal", kNormalReads}}) {
    const auto& row = counters.at(cls);
    EXPECT_EQ(row.at("queued"), ios) << cls;
    EXPECT_EQ(row.at("dispatched") + row.at("merged"), ios) << cls;
    EXPECT_EQ(row.at("completed"), row.at("dispatched")) << cls;
  }
}

INSTANTIATE_TEST_SUITE_P(Carriers, HintCounters,
                         ::testing::Values("ioprio", "rwf", "attr", "file", "region", "auto"),
                         [](const auto& carrier) { return std::string(carrier.param); });

// Nothing Kairo-specific is asked for: the same I/O without hints is all normal.
TEST(HintCountersOff, UnhintedTrafficIsNormal) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  spec.script += "kairo_device size_gib=1\n";
  for (const Sent& sent : kReads) spec.script += fio(sent, "none");
  spec.script += fio(kPrefill, "label");
  boot_ok(spec, "cat $counters > /out/counters\n");
  const auto counters = saved_counters(out.path());
  EXPECT_EQ(counters.at("normal").at("queued"), kReads[0].ios + kReads[1].ios + kPrefill.ios);
  for (const char* const cls : {"decode", "prefetch", "prefill", "evict"})
    EXPECT_EQ(counters.at(cls).at("queued"), 0U) << cls;
}

}  // namespace
}  // namespace kairo::testing
