// SPDX-License-Identifier: GPL-2.0-only
// Arms on several kernels: said in the report, and n/a stays n/a.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folder_fixture.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::make_folder;
using ::testing::Not;
using Json = nlohmann::json;

const KernelId kBase{"6.12.117-base-1a2b3c4d", "aa7e257f03ef base-1a2b3c4d5e6f 0123456789ab"};
const KernelId kPatched{"6.12.117-kairo-ab0863fc", "aa7e257f03ef ab0863fc4f5a 0123456789ab"};

// `base` on the base image, `test` on the patched kernel, whose scheduler has counters.
ResultFolder two_kernels() {
  ResultFolder out = make_folder(6, 0.5);
  out.experiment.arms[0].kernel = "base";
  for (Run& run : out.runs) {
    const bool is_base = run.record.arm == "base";
    run.record.kernel = is_base ? kBase : kPatched;
    if (!is_base) run.counters = CounterTable{{"decode", {{"queued", 7}}}};
  }
  return out;
}

TEST(Kernels, TravelThroughTheFilesOfTheResultFolder) {
  const ResultFolder folder = two_kernels();
  const auto experiment = parse_experiment(to_json_text(folder.experiment), "experiment.json");
  ASSERT_TRUE(experiment) << experiment.error().message;
  EXPECT_EQ(experiment->arms[0].kernel, "base");
  EXPECT_EQ(experiment->arms[1].kernel, "");
  const auto run = parse_run(to_json_text(folder.runs.front().record), "run.json");
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_TRUE(run->kernel);
  EXPECT_EQ(run->kernel->release, kBase.release);
  EXPECT_EQ(run->kernel->build, kBase.build);
  RunRecord older = folder.runs.front().record;
  older.kernel.reset();
  EXPECT_FALSE(parse_run(to_json_text(older), "run.json")->kernel);
}

TEST(Kernels, SeveralAreNamedWithTheirArms) {
  const auto report = build_report(two_kernels(), "");
  ASSERT_TRUE(report) << report.error().message;
  const std::string text = to_markdown(*report);
  EXPECT_THAT(text, HasSubstr("base on 6.12.117-base-1a2b3c4d; test on"));
  EXPECT_THAT(text, HasSubstr("### test against base, 6 + 6 runs, different kernels"));
  EXPECT_EQ(overall(report->reasons), Validity::kValid);
  const Json json = Json::parse(to_report_json(*report));
  const Json& run = json["loads"]["mix"]["arms"]["base"]["repeats"][0];
  EXPECT_EQ(run["kernel"]["release"], kBase.release);
  EXPECT_EQ(run["kernel"]["build"], kBase.build);
}

TEST(Kernels, OneIsNoMatterForANote) {
  ResultFolder folder = two_kernels();
  for (reports::Run& run : folder.runs) run.record.kernel = kPatched;
  const auto report = build_report(folder, "");
  ASSERT_TRUE(report);
  EXPECT_THAT(to_markdown(*report),
              AllOf(Not(HasSubstr("different kernels")), HasSubstr("kernel " + kPatched.release)));
  for (reports::Run& run : folder.runs) run.record.kernel.reset();
  EXPECT_THAT(to_markdown(*build_report(folder, "")), Not(HasSubstr("different kernels")));
}

TEST(Kernels, WhatTheBaseLacksIsNotAvailableAndNeverNought) {
  const auto report = build_report(two_kernels(), "");
  ASSERT_TRUE(report);
  const Json arms = Json::parse(to_report_json(*report))["loads"]["mix"]["arms"];
  EXPECT_TRUE(arms["base"]["counters"].is_null());
  EXPECT_EQ(arms["test"]["counters"]["decode"]["queued"], 42);
}

TEST(Kernels, AnArmWhoseRunsHadSeveralIsInvalid) {
  ResultFolder folder = two_kernels();
  folder.runs[3].record.kernel = kPatched;
  const auto report = build_report(folder, "");
  ASSERT_TRUE(report);
  EXPECT_EQ(overall(report->reasons), Validity::kInvalid);
  EXPECT_EQ(report->reasons.front().code, "kernel-changed");
  EXPECT_THAT(reason_text(report->reasons.front()),
              HasSubstr("run 4 ran on another kernel than run 1"));
  // The same release of another build is another kernel.
  folder = two_kernels();
  folder.runs[3].record.kernel->build = "another";
  EXPECT_EQ(overall(build_report(folder, "")->reasons), Validity::kInvalid);
}

}  // namespace
}  // namespace kairo::reports
