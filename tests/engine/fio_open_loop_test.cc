// SPDX-License-Identifier: GPL-2.0-only
// Arrivals do not wait for completions, and latency counts from the intended start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fio_lab.h"
#include "kairo/base/process.h"

namespace kairo::engine {
namespace {

// Samples of a latency object of json+ that are above a limit, from its bins.
std::uint64_t above(const nlohmann::json& latency, std::uint64_t limit_ns) {
  std::uint64_t count = 0;
  for (const auto& [ns, samples] : latency.at("bins").items()) {
    if (std::stoull(ns) > limit_ns) count += samples.get<std::uint64_t>();
  }
  return count;
}

std::uint64_t number(const nlohmann::json& json) {
  return json.get<std::uint64_t>();
}

TEST(OpenLoop, TheRateIsOffered) {
  const FioLab lab;
  const auto result =
      lab.run_ok({"--name=a", "--rw=randread", "--size=1m", "--iodepth=64", "--kv_path=label",
                  "--kv_rate=500", "--runtime=2", "--time_based", lab.stats_option()});
  const auto sidecar = lab.sidecar();
  EXPECT_EQ(sidecar.at("arrivals"), "poisson");
  // 1000 arrivals expected: five standard deviations.
  EXPECT_NEAR(sidecar.at("offered_ios").get<double>(), 1000, 5 * std::sqrt(1000.0));
  EXPECT_EQ(number(sidecar.at("issued_ios")), result.ios("read"));
  EXPECT_LE(number(sidecar.at("issued_ios")), number(sidecar.at("offered_ios")));
  EXPECT_EQ(number(sidecar.at("classes").at("decode").at("ios")), result.ios("read"));
  // Submission is part of the latency, so there is none of its own.
  EXPECT_EQ(result.job().at("read").at("slat_ns").at("max"), 0);
}

TEST(OpenLoop, TheRunTimeHoldsAtAnyRate) {
  const FioLab lab;
  // The first arrival of this seed is due after more than 4 s: the job must not wait for it.
  const auto result =
      lab.run_ok({"--name=a", "--rw=randread", "--size=1m", "--kv_rate=1", "--randseed=30",
                  "--runtime=1", "--time_based", lab.stats_option()});
  ASSERT_EQ(number(lab.sidecar().at("offered_ios")), 0U) << "choose another seed";
  EXPECT_GE(number(result.job().at("job_runtime")), 1000U);
  EXPECT_LT(number(result.job().at("job_runtime")), 3500U);
}

TEST(OpenLoop, WhatTheDeviceCannotTakeIsLateAndSlow) {
  const FioLab lab;
  const auto result =
      lab.run_ok({"--name=a", "--rw=randread", "--size=1m", "--iodepth=1", "--kv_path=label",
                  "--kv_rate=5000000", "--runtime=1", "--time_based", lab.stats_option()});
  const auto sidecar = lab.sidecar();
  const std::uint64_t issued = number(sidecar.at("issued_ios"));
  EXPECT_GT(number(sidecar.at("offered_ios")), 2 * issued);
  const auto& decode = sidecar.at("classes").at("decode");
  EXPECT_GT(number(decode.at("late")), issued * 9 / 10);
  // The backlog grows all the time, and latency with it: at the end about a second.
  EXPECT_GT(number(decode.at("max_late_ns")), 500'000'000U);
  EXPECT_GT(number(result.job().at("read").at("clat_ns").at("max")), 500'000'000U);
}

// The test for coordinated omission: everything stands still for 0.6 s. A closed loop has one slow
// I/O then; an open loop has one for every arrival that met the pause.
TEST(OpenLoop, APauseHurtsEveryArrivalInIt) {
  const FioLab lab;
  const std::string fio = lab.command({"--name=a", "--rw=randread", "--size=1m", "--iodepth=16",
                                       "--thread=1", "--kv_path=label", "--kv_rate=1000",
                                       "--runtime=3", "--time_based", lab.stats_option()});
  // The first `fio` of the line is the program: run it in the background, stop it, let it go on.
  // The engine opens its sidecar when the job begins, which a busy machine puts off by seconds.
  base::Command command;
  command.argv = {"sh", "-c",
                  fio + " & pid=$!; until [ -e " + lab.path("stats.json").string() +
                      " ]; do sleep 0.05; done; sleep 0.7; kill -STOP $pid; sleep 0.6; "
                      "kill -CONT $pid; wait $pid"};
  command.timeout = std::chrono::seconds(60);
  const auto run = base::run(command);
  ASSERT_TRUE(run);
  const auto result = parse_fio_output(run->exit_code, run->out, run->err);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto& clat = result.job().at("read").at("clat_ns");
  EXPECT_GT(above(clat, 100'000'000), 300U);  // of the 500 expected
  const auto sidecar = lab.sidecar();
  EXPECT_GT(number(sidecar.at("classes").at("decode").at("late")), 300U);
  EXPECT_GT(number(sidecar.at("classes").at("decode").at("max_late_ns")), 400'000'000U);
  // Nothing is lost: what came in the pause was made up for.
  EXPECT_EQ(number(sidecar.at("issued_ios")), number(clat.at("N")));
  EXPECT_GT(number(sidecar.at("issued_ios")), number(sidecar.at("offered_ios")) * 95 / 100);
}

TEST(OpenLoop, WritesSyncsAndVerificationStillWork) {
  const FioLab lab;
  const auto result = lab.run_ok({"--name=a", "--rw=randwrite", "--size=1m", "--iodepth=8",
                                  "--norandommap=0", "--kv_path=label", "--kv_rate=2000",
                                  "--fsync=16", "--verify=crc32c", lab.stats_option()});
  EXPECT_EQ(result.ios("write"), 256U);
  EXPECT_EQ(result.ios("read"), 256U);
  EXPECT_GE(number(result.job().at("sync").at("total_ios")), 256U / 16 - 1);
  EXPECT_EQ(number(lab.sidecar().at("classes").at("prefill").at("ios")), 256U);
}

// 503 arrivals at 1000 a second take their half second, five standard deviations less at the least;
// how much more is the machine's affair. That a seed fixes them is arrivals_test's.
TEST(OpenLoop, ArrivalsTakeTheirTime) {
  const FioLab lab;
  const auto result = lab.run(
      {"--name=a", "--rw=randread", "--kv_rate=1000", "--number_ios=503", lab.stats_option()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(number(lab.sidecar().at("issued_ios")), 503U);
  EXPECT_GE(number(result.job().at("read").at("runtime")), 390U);
  EXPECT_LE(lab.sidecar().at("achieved_per_s").get<double>(), 1300.0);
}

// fio draws a seed for each write that it offers, and checks a mixed job for the seeds in that
// order: an I/O whose time has not come may not be refused and offered again.
TEST(OpenLoop, AMixedJobFindsWhatItWrote) {
  const FioLab lab;
  for (const std::string rw : {"--rw=randrw", "--rw=randwrite", "--rw=rw"}) {
    const auto result = lab.run({"--name=a", rw, "--size=2m", "--iodepth=16", "--norandommap=0",
                                 "--fsync=16", "--verify=crc32c", "--verify_state_save=0",
                                 "--kv_path=label", "--kv_rate=2000", lab.stats_option()});
    ASSERT_EQ(result.exit_code, 0) << rw << result.err;
    const auto sidecar = lab.sidecar();
    const std::uint64_t written = number(sidecar.at("classes").at("prefill").at("ios"));
    EXPECT_EQ(written, result.ios("write")) << rw;
    EXPECT_EQ(number(sidecar.at("classes").at("normal").at("ios")), written) << rw;
    EXPECT_GE(number(result.job().at("sync").at("total_ios")), written / 16 - 1) << rw;
  }
}

}  // namespace
}  // namespace kairo::engine
