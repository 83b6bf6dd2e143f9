// SPDX-License-Identifier: GPL-2.0-only
// More than one class in a job, priorities, evict operations, deadlines: through fio, on a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fio_lab.h"

namespace kairo::engine {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

std::uint64_t class_number(const nlohmann::json& sidecar, const std::string& cls,
                           const std::string& what = "ios") {
  return sidecar.at("classes").at(cls).at(what).get<std::uint64_t>();
}

TEST(FioClasses, SplitShowsInBothPlaces) {
  const FioLab lab;
  const auto result =
      lab.run_ok({"--name=a", "--rw=randread", "--iodepth=8", "--number_ios=4001",
                  "--kv_path=label", "--kv_split=decode/70:prefetch/30", lab.stats_option()});
  const auto sidecar = lab.sidecar();
  const std::uint64_t decode = class_number(sidecar, "decode");
  EXPECT_EQ(decode + class_number(sidecar, "prefetch"), 4001U);
  EXPECT_NEAR(static_cast<double>(decode), 4001 * 0.7, 5 * 29);
  EXPECT_EQ(prio_counts(result.job().at("read")),
            (Counts{{"1/0", decode}, {"1/1", 4001 - decode}}));
}

TEST(FioClasses, SplitInAnOpenLoop) {
  const FioLab lab;
  const auto result = lab.run_ok({"--name=a", "--rw=randread", "--iodepth=64", "--number_ios=503",
                                  "--kv_path=label", "--kv_split=decode/50:prefetch/50",
                                  "--kv_rate=2000", lab.stats_option()});
  const std::uint64_t decode = class_number(lab.sidecar(), "decode");
  EXPECT_EQ(decode + class_number(lab.sidecar(), "prefetch"), 503U);
  EXPECT_NEAR(static_cast<double>(decode), 251, 60);
}

TEST(FioClasses, BlockSizesAndMaps) {
  const FioLab lab;
  auto result = lab.run_ok({"--name=a", "--rw=randread", "--bssplit=4k/50:64k/50", "--iodepth=8",
                            "--number_ios=1001", "--kv_path=label",
                            "--kv_bssplit=4k/decode:64k/prefetch", lab.stats_option()});
  auto sidecar = lab.sidecar();
  EXPECT_EQ(class_number(sidecar, "decode", "bytes"), 4096 * class_number(sidecar, "decode"));
  EXPECT_EQ(class_number(sidecar, "prefetch", "bytes"), 65536 * class_number(sidecar, "prefetch"));
  EXPECT_GT(class_number(sidecar, "prefetch"), 300U);

  // Sequential, so the counts are known: 64 blocks of decode, 64 of prefetch, 128 of neither.
  const std::string map =
      lab.write("m.csv", "0,256k,decode,1,1,1,session,0\n256k,512k,prefetch\n512k,1m,normal\n");
  result = lab.run_ok({"--name=a", "--rw=read", "--size=1m", "--iodepth=4", "--kv_path=label",
                       "--kv_map=" + map, lab.stats_option()});
  sidecar = lab.sidecar();
  EXPECT_EQ(class_number(sidecar, "decode"), 64U);
  EXPECT_EQ(class_number(sidecar, "prefetch"), 64U);
  EXPECT_EQ(class_number(sidecar, "normal"), 128U);
  EXPECT_EQ(sidecar.at("metadata").at("map_ranges"), 3);
}

TEST(FioClasses, AClassForEachDirection) {
  const FioLab lab;
  const auto result = lab.run_ok({"--name=a", "--rw=randrw", "--number_ios=401", "--kv_path=label",
                                  "--kv_class=prefetch,normal", lab.stats_option()});
  EXPECT_EQ(class_number(lab.sidecar(), "prefetch"), result.ios("read"));
  EXPECT_EQ(class_number(lab.sidecar(), "normal"), result.ios("write"));
}

TEST(FioClasses, PriorityPresets) {
  if (geteuid() != 0) GTEST_SKIP() << "the real-time class needs root";
  const FioLab lab;
  for (const std::string prio : {"be", "rt", "mqd3", "kairo", "decode=2/0:prefetch=2/1"}) {
    for (const std::string hint : {"--kv_prio_hint=1", "--kv_prio_hint=0"}) {
      if (prio == "be" && hint == "--kv_prio_hint=0") continue;  // refused, see fio_refuse_test
      const auto result =
          lab.run({"--name=a", "--rw=randrw", "--number_ios=101", "--kv_path=ioprio",
                   "--kv_prio=" + prio, hint, lab.stats_option()});
      ASSERT_EQ(result.exit_code, 0) << prio << hint << result.err;
      EXPECT_EQ(result.total_ios(), 101U);
      EXPECT_EQ(lab.sidecar().at("kv_prio"), prio);
    }
  }
}

TEST(FioClasses, EvictOperations) {
  const FioLab lab;
  const auto zeroes = [&lab] {
    const auto data = base::read_file(lab.path("data"));
    return data && data->find_first_not_of('\0') == std::string::npos;
  };
  for (const auto& [op, trims, clears] :
       std::vector<std::tuple<std::string, std::string, bool>>{{"auto", "punch hole", true},
                                                               {"punch", "punch hole", true},
                                                               {"zero", "zero range", true},
                                                               {"none", "none", false}}) {
    lab.write("data", std::string(1 << 20, 'x'));
    const auto result = lab.run({"--name=t", "--rw=trim", "--size=1m", "--iodepth=8",
                                 "--kv_path=label", "--kv_evict_op=" + op, lab.stats_option()});
    ASSERT_EQ(result.exit_code, 0) << op << result.err;
    EXPECT_EQ(class_number(lab.sidecar(), "evict"), 256U) << op;
    EXPECT_EQ(lab.sidecar().at("trims"), trims);
    EXPECT_EQ(zeroes(), clears) << op;
  }
}

TEST(FioClasses, DeadlinesAreCounted) {
  const FioLab lab;
  const auto result =
      lab.run_ok({"--name=a", "--rw=randrw", "--number_ios=997", "--iodepth=4", "--kv_path=label",
                  "--kv_deadline=decode/1ns:prefill/1h", lab.stats_option()});
  const auto sidecar = lab.sidecar();
  EXPECT_EQ(class_number(sidecar, "decode", "deadline_misses"), result.ios("read"));
  EXPECT_EQ(class_number(sidecar, "prefill", "deadline_misses"), 0U);
  EXPECT_EQ(class_number(sidecar, "prefill", "deadline_ns"), 3'600'000'000'000U);
  EXPECT_TRUE(sidecar.at("classes").at("evict").at("deadline_misses").is_null());
}

// With a carrier that has no place for it.
TEST(FioClasses, MetadataIsRecordedAndNotCarried) {
  const FioLab lab;
  const auto result =
      lab.run_ok({"--name=a", "--rw=read", "--number_ios=5", "--kv_model_id=3", "--kv_pool_id=2",
                  "--kv_group_id=9", "--kv_sessions=8:zipf:1.2", "--kv_lifetime=session",
                  "--kv_recompute=40", "--kv_semantics=ephemeral:avoidcache", lab.stats_option()});
  const auto metadata = lab.sidecar().at("metadata");
  EXPECT_EQ(metadata.at("carried"), false);
  EXPECT_TRUE(metadata.at("contexts").is_null());
  EXPECT_EQ(metadata.at("model"), 3);
  EXPECT_TRUE(metadata.at("session").is_null());
  EXPECT_EQ(metadata.at("sessions"), 8);
  EXPECT_EQ(metadata.at("lifetime"), "session");
  EXPECT_EQ(metadata.at("recompute_percent"), 40);
  EXPECT_EQ(metadata.at("semantics"), nlohmann::json::array({"ephemeral", "avoidcache"}));
}

}  // namespace
}  // namespace kairo::engine
