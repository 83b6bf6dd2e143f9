// SPDX-License-Identifier: GPL-2.0-only
// The same job through fio's own io_uring engine and through this one: the same I/O comes out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fio_lab.h"
#include "kairo/test_support/skip.h"

namespace kairo::engine {
namespace {

std::uint64_t number(const nlohmann::json& json) {
  return json.get<std::uint64_t>();
}

// Everything of a job that does not depend on the clock.
nlohmann::json what_was_done(const FioResult& result) {
  nlohmann::json out = {{"exit", result.exit_code}};
  for (const auto& job : result.json.at("jobs")) {
    nlohmann::json one = {{"error", job.at("error")}, {"sync", job.at("sync").at("total_ios")}};
    for (const char* const direction : {"read", "write", "trim"}) {
      const auto& numbers = job.at(direction);
      for (const char* const key : {"total_ios", "io_bytes", "short_ios", "drop_ios"})
        one[std::string(direction) + " " + key] = numbers.at(key);
    }
    out["jobs"].push_back(one);
  }
  return out;
}

class Parity : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Parity, SameIo) {
  const FioLab lab;
  ASSERT_EQ(lab.run({"--name=fill", "--rw=write", "--bs=1m"}).exit_code, 0);
  std::vector<std::string> options = {"--name=a", "--iodepth=16", "--number_ios=499",
                                      "--rw=randrw"};
  for (std::string option : GetParam()) {
    if (option.starts_with("--exec_prerun=")) option += lab.path("data").string();
    options.push_back(option);
  }
  const auto ours = lab.run(options);
  const auto theirs = lab.run_builtin(options);
  if (theirs.exit_code != 0 && !GetParam().empty() &&
      GetParam()[0].starts_with("--sync_file_range")) {
    // fio 3.41's engine leaves the address of the entry's last write in it, and the kernel refuses.
    EXPECT_EQ(ours.exit_code, 0) << ours.err;
    GTEST_SKIP() << test_support::kCannotBeHere
                 << "this fio's own engine cannot do sync_file_range";
  }
  EXPECT_EQ(what_was_done(ours).dump(1), what_was_done(theirs).dump(1)) << ours.err << theirs.err;
}

using List = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(
    Jobs, Parity,
    testing::Values(
        List{}, List{"--fixedbufs"}, List{"--registerfiles"}, List{"--nonvectored=0"},
        List{"--force_async=3"}, List{"--sqthread_poll"},
        List{"--nowait=1", "--rw=randread", "--invalidate=0"}, List{"--numjobs=3"},
        List{"--numjobs=3", "--thread=1"}, List{"--iodepth=1"},
        List{"--iodepth_batch=8", "--iodepth_batch_complete_min=4",
             "--iodepth_batch_complete_max=16"},
        List{"--iodepth_batch_complete_min=0"}, List{"--fsync=7", "--rw=randwrite", "--iodepth=1"},
        List{"--fdatasync=5", "--rw=randwrite", "--iodepth=1"},
        List{"--sync_file_range=write:11", "--rw=randwrite", "--iodepth=1"},
        List{"--fsync=7", "--rw=randwrite", "--iodepth=1", "--registerfiles"},
        List{"--cmdprio_percentage=30,10", "--cmdprio_class=2", "--cmdprio=1"},
        List{"--cmdprio_bssplit=4k/50"}, List{"--prioclass=2", "--prio=3"},
        List{"--rw=randread", "--rate_iops=2000"}, List{"--bs_unaligned=1", "--bsrange=512-9000"},
        List{"--rw=write", "--verify=crc32c", "--size=4m", "--number_ios=1024"},
        // The file ends in the middle of a block: reads of the last one come back short.
        List{"--rw=read", "--size=64k", "--exec_prerun=truncate -s 61000 "},
        // And again beyond the end: nothing comes back.
        List{"--rw=read", "--size=64k", "--exec_prerun=truncate -s 8192 "}));

TEST(ParityShort, AShortReadIsCountedAndContinued) {
  const FioLab lab;
  ASSERT_EQ(lab.run({"--name=fill", "--rw=write", "--size=64k", "--bs=64k"}).exit_code, 0);
  const List options = {"--name=a", "--rw=read", "--size=64k",
                        "--exec_prerun=truncate -s 61000 " + lab.path("data").string()};
  EXPECT_GT(number(lab.run(options).job().at("read").at("short_ios")), 0U);
  EXPECT_EQ(what_was_done(lab.run(options)), what_was_done(lab.run_builtin(options)));
}

// Which I/O got which priority is fio's own drawing: the counts per priority are the same.
TEST(ParityPriorities, CmdprioDrawsTheSame) {
  const FioLab lab;
  const List options = {"--name=a",          "--rw=randread",
                        "--number_ios=997",  "--cmdprio_percentage=40",
                        "--cmdprio_class=2", "--cmdprio=1"};
  const auto ours = prio_counts(lab.run(options).job().at("read"));
  EXPECT_EQ(ours, prio_counts(lab.run_builtin(options).job().at("read")));
  EXPECT_EQ(ours.size(), 2U);
}

TEST(ParityLatency, SqpollHasNoSubmissionLatency) {
  const FioLab lab;
  const auto result =
      lab.run_ok({"--name=a", "--rw=randread", "--number_ios=101", "--sqthread_poll"});
  EXPECT_EQ(number(result.job().at("read").at("slat_ns").at("N")), 0U);
  EXPECT_EQ(number(result.job().at("read").at("clat_ns").at("N")), 101U);
}

}  // namespace
}  // namespace kairo::engine
