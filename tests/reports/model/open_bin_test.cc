// SPDX-License-Identifier: GPL-2.0-only
// fio's last bin begins at 17.05 s and has no end: what lies in it took at least that long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folder_fixture.h"
#include "kairo/reports/inspect.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using ::testing::HasSubstr;
using testing::make_folder;
using testing::make_run;
using ::testing::Not;

constexpr std::uint64_t kSeconds = 1000000000;
constexpr std::uint64_t kEdge = 17045651456;

// Every run of `arm` takes 19 s.
ResultFolder slow(std::initializer_list<std::string> arms) {
  ResultFolder out = make_folder(8, 0.5);
  for (reports::Run& run : out.runs)
    for (const std::string& arm : arms)
      if (run.record.arm == arm) run = make_run("mix", arm, run.record.repeat, 19 * kSeconds);
  return out;
}

Report built(const ResultFolder& folder) {
  auto report = build_report(folder, "");
  EXPECT_TRUE(report);
  return std::move(*report);
}

TEST(OpenBin, TheEdgeIsShownAndNotTheMiddle) {
  Histogram histogram;
  histogram.add(kEdge - 1, 50);
  EXPECT_FALSE(Histogram::is_open(static_cast<double>(*histogram.supported_percentile(50))));
  histogram.add(kEdge, 1);
  histogram.add(90 * kSeconds, 50);
  EXPECT_EQ(histogram.supported_percentile(90), kEdge);
  EXPECT_TRUE(Histogram::is_open(static_cast<double>(kEdge)));
  EXPECT_EQ(Histogram::bucket_of(kEdge), Histogram::kBuckets - 1);
  EXPECT_EQ(Histogram::bucket_of(kEdge - 1), Histogram::kBuckets - 2);
  EXPECT_EQ(histogram.percentile(90), 17112760320U) << "what fio prints is checked against this";
}

TEST(OpenBin, InspectSaysAtLeast) {
  const auto file = testing::kFixtures / "options/stopped-19s.json";
  const auto text = inspect_file(file, false);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, HasSubstr("≥ 17,045,651"));
  EXPECT_THAT(*text, Not(HasSubstr("17,112,760")));
  EXPECT_THAT(*text, HasSubstr("18,898,295"));  // the maximum is exact
  const auto json = nlohmann::json::parse(*inspect_file(file, true));
  EXPECT_EQ(json["rows"][0]["at_least"].dump(), R"(["p95_ns"])");
  EXPECT_EQ(json["rows"][0]["p95_ns"], kEdge);
}

TEST(OpenBin, ARatioIsKnownOnOneSide) {
  const Report slower = built(slow({"test"}));
  const ComparisonRow& row = slower.loads[0].comparisons[0].rows[0];
  EXPECT_EQ(row.bounded, Bounded::kAtLeast);
  EXPECT_EQ(row.verdict, Verdict::kRegressed);
  EXPECT_FALSE(row.ratio_interval);
  EXPECT_FALSE(row.test.interval);
  EXPECT_TRUE(ratio_text(row).starts_with("≥ 15,6")) << ratio_text(row);
  EXPECT_THAT(to_markdown(slower), HasSubstr("≥ 17,046"));

  const Report faster = built(slow({"base"}));
  EXPECT_EQ(faster.loads[0].comparisons[0].rows[0].bounded, Bounded::kAtMost);
  EXPECT_EQ(faster.loads[0].comparisons[0].rows[0].verdict, Verdict::kImproved);
  EXPECT_THAT(faster.answer, HasSubstr("test is best with 545 µs, ≤ 0.0000"));
  EXPECT_THAT(faster.answer, HasSubstr("times base's ≥ 17,046 ms (improved)"));
}

TEST(OpenBin, TwoWithoutAnEndHaveNoRatio) {
  const Report report = built(slow({"base", "test"}));
  const ComparisonRow& row = report.loads[0].comparisons[0].rows[0];
  EXPECT_FALSE(row.ratio);
  EXPECT_EQ(row.verdict, Verdict::kNotEnoughData);
  EXPECT_EQ(ratio_text(row), "n/a");
}

TEST(OpenBin, ReportJsonNamesTheFigures) {
  const auto json = nlohmann::json::parse(to_report_json(built(slow({"test"}))));
  const auto& decode = json["arms"]["test"]["classes"]["decode"];
  EXPECT_EQ(decode["p99_ns"], kEdge);
  EXPECT_EQ(decode["at_least"].dump(),
            R"(["p50_ns","p90_ns","p95_ns","p99_ns","p999_ns","p9999_ns"])");
  EXPECT_EQ(json["arms"]["base"]["classes"]["decode"]["at_least"].dump(), "[]");
  const auto& row = json["loads"]["mix"]["comparisons"][0]["rows"][0];
  EXPECT_EQ(row["ratio_bounded"], "at least");
}

RuleVerdict judged(bool at_most, double value, std::vector<std::string> of) {
  ResultFolder folder = slow({"test"});
  folder.experiment.rules = {
      {"claim", "test", {"decode.p99_ns", at_most, value, std::move(of), ""}, {}, {}}};
  return built(folder).loads[0].rules.at(0).verdict;
}

// A claim is kept or missed only where the true value cannot change that.
TEST(OpenBin, ClaimsAreJudgedWhereTheyCanBe) {
  EXPECT_EQ(judged(true, 10e9, {}), RuleVerdict::kMiss);
  EXPECT_EQ(judged(true, 30e9, {}), RuleVerdict::kNoData);
  EXPECT_EQ(judged(false, 10e9, {}), RuleVerdict::kPass);
  EXPECT_EQ(judged(false, 30e9, {}), RuleVerdict::kNoData);
  EXPECT_EQ(judged(true, 0.5, {"base"}), RuleVerdict::kMiss);
}

TEST(OpenBin, TheUpperOfTwoMiddleRunsDecides) {
  ResultFolder folder = make_folder(8, 1);
  for (reports::Run& run : folder.runs)
    if (run.record.arm == "test" && run.record.repeat > 4)
      run = make_run("mix", "test", run.record.repeat, 19 * kSeconds);
  const Report report = built(folder);
  EXPECT_TRUE(report.loads[0].arms[1].classes[1]->percentiles[3].at_least);
  EXPECT_FALSE(report.loads[0].arms[0].classes[1]->percentiles[3].at_least);
}

}  // namespace
}  // namespace kairo::reports
