// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/report.h"
#include "kairo/reports/summary.h"

namespace kairo::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::make_folder;
using testing::make_run;

// Four arms; decode p99 in µs and prefill as a share: none 20,000 at 1, bfq 1,000 at 0.1, kyber
// 10,000 at 0.95, kairo 2,000 at 0.98.
ResultFolder four_arms() {
  ResultFolder out = make_folder(6, 1);
  out.runs.clear();
  out.experiment.arms.clear();
  out.experiment.base_arm = "none";
  struct Made {
    const char* name;
    std::uint64_t us;
    double prefill;
  };
  for (const Made& made : {Made{"none", 20000, 1}, Made{"bfq", 1000, 0.1},
                           Made{"kyber", 10000, 0.95}, Made{"kairo", 2000, 0.98}}) {
    out.experiment.arms.push_back({made.name, made.name, {}});
    for (unsigned repeat = 1; repeat <= 6; ++repeat) {
      Run run = make_run("mix", made.name, repeat, made.us * 1000);
      ClassResult prefill;
      prefill.latency.add(5000000, 2000);
      prefill.bytes = static_cast<std::uint64_t>(2e9 * made.prefill);
      prefill.runtime_ms = 2000;
      run.classes[3] = prefill;
      out.runs.push_back(run);
    }
  }
  return out;
}

RuleResult judge(const Rule& rule, ResultFolder folder = four_arms()) {
  folder.experiment.rules = {rule};
  const auto report = build_report(folder, "");
  EXPECT_TRUE(report);
  return report->loads[0].rules.at(0);
}

Rule beats_stock(double factor) {
  return {"ahead", "kairo", {"decode.p99_ns", true, factor, {"best-stock"}, ""}, {}, {}};
}

const Bound kKeepsPrefill{"prefill.bytes_per_s", false, 0.9, {"none"}, ""};

TEST(Rule, TheBestStockArmIsThePeer) {
  const RuleResult result = judge(beats_stock(0.6));
  EXPECT_EQ(result.verdict, RuleVerdict::kMiss);
  EXPECT_EQ(result.bound.against_arm, "bfq");
}

TEST(Rule, APeerThatPaysWithThroughputIsSetAside) {
  Rule rule = beats_stock(0.6);
  rule.where = {kKeepsPrefill};
  const RuleResult result = judge(rule);
  EXPECT_EQ(result.verdict, RuleVerdict::kPass);
  EXPECT_EQ(result.bound.against_arm, "kyber");
  EXPECT_THAT(result.set_aside, ElementsAre("bfq"));
  ASSERT_EQ(result.where.size(), 1U);
  EXPECT_NEAR(*result.where[0].value / *result.where[0].against, 0.98, 1e-6);
}

TEST(Rule, TheArmMustKeepTheConditionsItself) {
  Rule rule = beats_stock(0.6);
  rule.where = {{"prefill.bytes_per_s", false, 0.99, {"none"}, ""}};
  EXPECT_EQ(judge(rule).verdict, RuleVerdict::kMiss);
}

TEST(Rule, AbsoluteBoundsAndBothDirections) {
  EXPECT_EQ(judge({"", "kairo", {"decode.p99_ns", true, 2.1e6, {}, ""}, {}, {}}).verdict,
            RuleVerdict::kPass);
  EXPECT_EQ(judge({"", "kairo", {"decode.p99_ns", true, 1.9e6, {}, ""}, {}, {}}).verdict,
            RuleVerdict::kMiss);
  EXPECT_EQ(judge({"", "kairo", {"utilisation", false, 0.4, {}, ""}, {}, {}}).verdict,
            RuleVerdict::kPass);
  EXPECT_EQ(judge({"", "kairo", {"utilisation", false, 0.6, {}, ""}, {}, {}}).verdict,
            RuleVerdict::kMiss);
}

TEST(Rule, WhatWasNotMeasuredIsNoData) {
  const RuleResult absent = judge({"", "nobody", {"decode.p99_ns", true, 1, {}, ""}, {}, {}});
  EXPECT_EQ(absent.verdict, RuleVerdict::kNoData);
  EXPECT_THAT(absent.note, HasSubstr("arm nobody was not run"));
  const RuleResult figure = judge({"", "kairo", {"evict.p99_ns", true, 1, {}, ""}, {}, {}});
  EXPECT_EQ(figure.verdict, RuleVerdict::kNoData);
  EXPECT_THAT(figure.note, HasSubstr("evict.p99_ns of kairo was not measured"));
  EXPECT_FALSE(figure.bound.value);
}

TEST(Rule, StockIsStockWithoutOurSettings) {
  EXPECT_TRUE(is_stock({"bfq-rt", "bfq", {{"job decode.prioclass", "1"}}}));
  EXPECT_FALSE(is_stock({"mq-deadline-kv", "mq-deadline", {{"kv_classes", "1"}}}));
  EXPECT_FALSE(is_stock({"kairo", "kairo", {}}));
}

TEST(Rule, GateNamesTheFirstThatIsNotMet) {
  ResultFolder folder = four_arms();
  folder.experiment.rules = {{"good", "kairo", {"decode.p99_ns", true, 3e6, {}, ""}, {}, {}}};
  auto report = build_report(folder, "");
  ASSERT_TRUE(report);
  EXPECT_EQ(gate_objection(*report), "");
  folder.experiment.rules.push_back(
      {"too good", "kairo", {"decode.p99_ns", true, 1e6, {}, ""}, {}, {}});
  report = build_report(folder, "");
  EXPECT_EQ(gate_objection(*report), "mix, too good: MISS");
  EXPECT_THAT(to_markdown(*report), HasSubstr("**MISS** mix: too good"));
  folder.experiment.rules.clear();
  folder.experiment.complete = false;
  EXPECT_THAT(gate_objection(*build_report(folder, "")), HasSubstr("the report is INVALID"));
}

TEST(Rule, SurvivesExperimentJson) {
  ResultFolder folder = four_arms();
  Rule rule = beats_stock(0.6);
  rule.where = {kKeepsPrefill};
  rule.where[0].phase = "busy";
  rule.loads = {"mix"};
  folder.experiment.rules = {rule};
  folder.experiment.loads[0].phases = {{"busy", 1, 2.5}};
  folder.experiment.loads[0].window_ms = 50;
  folder.experiment.loads[0].repeats = 3;
  const std::string text = to_json_text(folder.experiment);
  const auto again = parse_experiment(text, "experiment.json");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json_text(*again), text);
  EXPECT_EQ(again->rules[0].where[0].phase, "busy");
  EXPECT_EQ(again->repeats_of(again->loads[0]), 3U);
}

TEST(Summary, PutsProfilesSideBySide) {
  ResultFolder folder = four_arms();
  Rule rule = beats_stock(0.6);
  rule.where = {kKeepsPrefill};
  folder.experiment.rules = {rule};
  std::vector<ProfileReport> reports;
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    reports.push_back({name, *build_report(folder, "")});
  const Campaign campaign{"made", "Is it better?", {"a", "b", "c", "d", "e", "f"}};
  const std::string text = to_summary_markdown(campaign, reports);
  EXPECT_THAT(text, HasSubstr("# made on 6 device profiles"));
  EXPECT_THAT(text, HasSubstr("| claim |    a |    b |"));
  EXPECT_THAT(text, HasSubstr("| 1     | PASS | PASS |"));
  EXPECT_THAT(text, HasSubstr("| arm   |      f |"));
  EXPECT_EQ(gate_objection(reports), "");
  reports[4].report.loads[0].rules[0].verdict = RuleVerdict::kMiss;
  EXPECT_THAT(gate_objection(reports), HasSubstr("e: mix, ahead: MISS"));
  EXPECT_THAT(to_summary_json(campaign, reports), HasSubstr("\"kairo-summary\""));

  const auto again = parse_campaign(to_json_text(campaign), "campaign.json");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->folders.size(), 6U);
  EXPECT_FALSE(
      parse_campaign("{\"schema\":\"kairo-campaign\",\"version\":1,\"name\":\"x\","
                     "\"question\":\"\",\"folders\":[\"../etc\"]}",
                     "campaign.json"));
}

}  // namespace
}  // namespace kairo::reports
