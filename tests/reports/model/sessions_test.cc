// SPDX-License-Identifier: GPL-2.0-only
// What sessions felt and what jobs cost: from the engine's sidecar and fio's JSON to the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folder_fixture.h"
#include "kairo/base/process.h"
#include "kairo/reports/report.h"
#include "model/run_figures.h"

namespace kairo::reports {
namespace {

using ::testing::HasSubstr;
using testing::kFixtures;
using testing::make_folder;
using testing::make_run;
using ::testing::Not;

// `count` sessions: the n-th waits n ms for its first token and makes n * `rate` steps per second.
EngineStats replay(unsigned count, double rate) {
  EngineStats out;
  out.job = "replay";
  out.path_used = "ioprio";
  for (unsigned n = 1; n <= count; ++n) out.sessions.push_back({n, n * 1000000ULL, 10, n * rate});
  return out;
}

TEST(JainIndex, KnownAnswers) {
  EXPECT_DOUBLE_EQ(*jain_index({5, 5, 5}), 1);
  EXPECT_DOUBLE_EQ(*jain_index({1, 3}), 0.8);
  EXPECT_DOUBLE_EQ(*jain_index({7, 0, 0, 0}), 0.25);
  EXPECT_FALSE(jain_index({1}));
  EXPECT_FALSE(jain_index({0, 0}));
}

TEST(Sessions, PercentilesNeedSessions) {
  reports::Run run = make_run("mix", "base", 1, 1000);
  EXPECT_FALSE(figure(run, "sessions"));
  run.engines = {replay(100, 2)};
  EXPECT_EQ(figure(run, "sessions"), 100);
  EXPECT_EQ(figure(run, "ttft_p50_ns"), 50e6);
  EXPECT_EQ(figure(run, "ttft_p90_ns"), 90e6);
  EXPECT_EQ(figure(run, "ttft_max_ns"), 100e6);
  EXPECT_EQ(figure(run, "steps_p10_per_s"), 20);
  EXPECT_EQ(figure(run, "steps_p50_per_s"), 100);
  // Of the times per step, 1/2, 1/4, 1/6 ...: H(100)^2 / (100 * (1 + 1/4 + 1/9 ...)).
  double sum = 0;
  double squares = 0;
  for (int n = 1; n <= 100; ++n) {
    sum += 1.0 / n;
    squares += 1.0 / (n * n);
  }
  EXPECT_NEAR(*figure(run, "session_fairness"), sum * sum / (100 * squares), 1e-12);
  run.engines = {replay(99, 2)};
  EXPECT_FALSE(figure(run, "ttft_p90_ns"));
  EXPECT_FALSE(figure(run, "steps_p10_per_s"));
  EXPECT_TRUE(figure(run, "ttft_p50_ns"));
}

TEST(Sessions, TheCapturedReplayHasThem) {
  const auto run = read_run(kFixtures / "engine-run");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(figure(*run, "sessions"), 5);
  EXPECT_GT(*figure(*run, "ttft_max_ns"), 0);
  EXPECT_GT(*figure(*run, "session_fairness"), 0.2);
  EXPECT_LE(*figure(*run, "session_fairness"), 1);
}

TEST(Sessions, ASidecarThatContradictsItselfIsRefused) {
  const testing::FolderCopy copy("engine-run");
  ASSERT_TRUE(copy.replace("engine-replay.json", "\"count\": 5", "\"count\": 6"));
  EXPECT_THAT(read_run(copy.path()).error().message,
              HasSubstr("engine-replay.json: trace.sessions.count: not the number of sessions"));
}

TEST(Cost, CallsAndCpuOfTheCapturedRun) {
  const auto run = read_run(kFixtures / "engine-run");
  ASSERT_TRUE(run) << run.error().message;
  // An open loop sleeps in the same call that submits: about a call per arrival and per completion.
  EXPECT_GT(*figure(*run, "enters_per_io"), 0.1);
  EXPECT_LT(*figure(*run, "enters_per_io"), 4);
  EXPECT_NEAR(*figure(*run, "bytes_per_enter") * *figure(*run, "enters_per_io") * 2609,
              1609 * 4096 + 400 * 8192 + 400 * 16384 + 200 * 65536, 1);
  EXPECT_GT(*figure(*run, "user_ns_per_io") + *figure(*run, "system_ns_per_io"), 0);
  EXPECT_TRUE(figure(*run, "switches_per_io"));
}

TEST(Cost, CallsAreUnknownWithoutEverySidecar) {
  const testing::FolderCopy copy("engine-run");
  std::filesystem::remove(copy.path() / "engine-decode.json");
  ASSERT_TRUE(copy.replace("run.json", "\"classes\": {}",
                           "\"classes\": {\"decode\": {\"read\": \"decode\"}}"));
  const auto run = read_run(copy.path());
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_FALSE(figure(*run, "enters_per_io"));
}

class SessionReport : public ::testing::Test {
 protected:
  void SetUp() override {
    for (reports::Run& run : folder_.runs) {
      run.engines = {replay(120, run.record.arm == "test" ? 4 : 2)};
      run.windows = {};
    }
    auto report = build_report(folder_, "");
    ASSERT_TRUE(report) << report.error().message;
    report_ = std::move(*report);
  }
  ResultFolder folder_ = make_folder(6, 0.5);
  Report report_;
};

TEST_F(SessionReport, HasTableAndPlots) {
  const std::string text = to_markdown(report_);
  EXPECT_THAT(text, HasSubstr("### Sessions"));
  EXPECT_THAT(text, HasSubstr("(plots/mix-sessions-ttft.svg)"));
  EXPECT_THAT(text, HasSubstr("(plots/mix-sessions-step.svg)"));
  EXPECT_THAT(to_markdown(*build_report(make_folder(6, 0.5), "")), Not(HasSubstr("### Sessions")));
  const auto json = nlohmann::json::parse(to_report_json(report_));
  EXPECT_EQ(json["arms"]["test"]["ttft_p50_ns"], 60000000);
  EXPECT_EQ(json["arms"]["test"]["steps_p50_per_s"], 240);
  EXPECT_EQ(json["arms"]["base"]["runs"]["session_fairness"].size(), 6U);
}

TEST_F(SessionReport, EverySessionIsInTheCsvThatGnuplotDraws) {
  if (!testing::have_gnuplot())
    GTEST_SKIP() << "gnuplot is not installed (apt-get install gnuplot-nox)";
  const std::string csv = to_sessions_csv(report_);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 6 * 120);
  EXPECT_THAT(csv, HasSubstr("\nmix,test,6,120,120000000,10,480\n"));
  const auto directory = base::TempDir::create("kairo-sessions-");
  ASSERT_TRUE(directory);
  const auto write = [&](const char* name, const std::string& text) {
    ASSERT_TRUE(base::write_file(directory->path() / name, text));
  };
  write("sessions.csv", csv);
  write("curves.csv", to_curves_csv(report_));
  write("report.gp", to_gnuplot(report_));
  const auto drawn = base::run({.argv = {"gnuplot", "report.gp"}, .directory = directory->path()});
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_EQ(drawn->exit_code, 0) << drawn->err;
  EXPECT_EQ(drawn->err, "");
  EXPECT_THAT(base::read_file(directory->path() / "gnuplot-mix-sessions.svg").value_or(""),
              HasSubstr("Sessions, load mix"));
}

}  // namespace
}  // namespace kairo::reports
