// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/time_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using ::testing::ElementsAre;
using testing::FolderCopy;
using ::testing::HasSubstr;
using testing::make_folder;

// A line of a log with `counts` columns, one of which is not zero.
std::string log_line(std::uint64_t ms, unsigned direction, std::size_t counts, std::size_t at,
                     std::uint64_t count) {
  std::string out = fmt::format("{}, {}, 4096", ms, direction);
  for (std::size_t i = 0; i < counts; ++i) out += i == at ? fmt::format(", {}", count) : ", 0";
  return out + "\n";
}

TEST(HistLog, ReadsEveryCoarseness) {
  for (unsigned k = 0; k <= 6; ++k) {
    const auto windows = parse_hist_log(log_line(50, 1, 1856U >> k, 10, 7), "log");
    ASSERT_TRUE(windows) << windows.error().message;
    ASSERT_EQ(windows->size(), 1U);
    EXPECT_EQ(windows->front().end_ms, 50U);
    EXPECT_EQ(windows->front().direction, Direction::kWrite);
    EXPECT_EQ(windows->front().count(), 7U);
    // The middle bucket of the group.
    EXPECT_THAT(windows->front().buckets,
                ElementsAre(::testing::Pair((10U << k) + (1U << k) / 2, 7U)));
  }
}

TEST(HistLog, RefusesWhatFioDoesNotWrite) {
  const std::pair<std::string, std::string> cases[] = {
      {log_line(50, 0, 1000, 1, 1), "log:1: 1003 columns: not a histogram log"},
      {log_line(50, 3, 1856, 1, 1), "direction 3"},
      {log_line(90, 0, 1856, 1, 1) + log_line(50, 0, 1856, 1, 1), "log:2: 50 ms comes after 90 ms"},
      {"x" + log_line(50, 0, 1856, 1, 1), "not a number"},
      {log_line(50, 0, 1856, 1, 1ULL << 41), "is not a count"},
      {log_line(50, 0, 1856, 1, 1).substr(0, 200), "not a histogram log"},
  };
  for (const auto& [text, message] : cases) {
    const auto windows = parse_hist_log(text, "log");
    ASSERT_FALSE(windows) << message;
    EXPECT_THAT(windows.error().message, HasSubstr(message));
  }
}

TEST(Samples, ReadsTablesKeyValuesAndAssignments) {
  const std::string text =
      "@ 1000000000\n"
      "class queued expired\n"
      "decode 5 0\n"
      "prefill 7 1\n"
      "@ 1010000000\n"
      "class queued expired\n"
      "decode 6 0\n"
      "prefill 9 2\n";
  const auto table = parse_samples(text, 500000000, "s");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_THAT(table->at_s, ElementsAre(0.5, 0.51));
  EXPECT_THAT(table->series.at("prefill.expired"), ElementsAre(1.0, 2.0));
  EXPECT_EQ(table->series.size(), 4U);

  const auto pairs =
      parse_samples("@ 5\nbudget_kib 768\nstate idle\n@ 6\nsteps 1\nstate busy\n", 0, "s");
  ASSERT_TRUE(pairs);
  // A value that a sample lacks is absent, not 0.
  EXPECT_THAT(pairs->series.at("budget_kib"), ElementsAre(std::optional(768.0), std::nullopt));
  EXPECT_EQ(pairs->series.count("state"), 0U);
  EXPECT_THAT(pairs->words.at("state"), ElementsAre("idle", "busy"));

  // A word is no header for what comes behind it: a table begins the file.
  const auto control = parse_samples("@ 5\nsteps 1\npace climb\npace_ms 7\n", 0, "s");
  ASSERT_TRUE(control);
  EXPECT_THAT(control->series.at("pace_ms"), ElementsAre(7.0));
  EXPECT_THAT(control->words.at("pace"), ElementsAre("climb"));

  const auto assigned = parse_samples("@ 5\nprefill budget=3 in_flight=4 state=x\n", 0, "s");
  ASSERT_TRUE(assigned);
  EXPECT_THAT(assigned->series.at("prefill.in_flight"), ElementsAre(4.0));
  EXPECT_EQ(assigned->series.size(), 2U);
}

TEST(Samples, RefusesOtherText) {
  EXPECT_THAT(parse_samples("decode 5\n", 0, "s").error().message, HasSubstr("s:1: no line '@"));
  EXPECT_THAT(parse_samples("@ 9\na 1\n@ 8\na 1\n", 0, "s").error().message,
              HasSubstr("s:3: '@ 8' is no time"));
}

// A window of `count` decode I/Os of `ns` each that ends at `to_s`.
ClassWindow window(double to_s, std::uint64_t ns, std::uint64_t count) {
  ClassWindow out;
  out.io_class = IoClass::kDecode;
  out.end_s = to_s;
  out.window.buckets = {{Histogram::bucket_of(ns), count}};
  return out;
}

// Decode waits 1 ms in the first second and 5 ms in the second one.
ResultFolder stepped() {
  ResultFolder folder = make_folder(8, 0.5);
  folder.experiment.loads[0].window_ms = 100;
  folder.experiment.loads[0].phases = {{"quiet", 0, 1}, {"busy", 1, 2}};
  for (Run& run : folder.runs)
    for (int i = 1; i <= 20; ++i)
      run.windows.push_back(window(0.1 * i, i <= 10 ? 1000000 : 5000000, 1000));
  return folder;
}

double in_phase(const ArmSummary& arm, std::size_t phase, const char* metric) {
  return shown_value(arm.phases.at(phase).classes, metric_of(metric)).value.value_or(0);
}

TEST(Phases, FiguresComeFromTheWindowsWithin) {
  const auto report = build_report(stepped(), "");
  ASSERT_TRUE(report);
  const ArmSummary& arm = report->loads[0].arms[0];
  ASSERT_EQ(arm.phases.size(), 2U);
  EXPECT_EQ(in_phase(arm, 0, "decode.p99_ns"), Histogram::midpoint(Histogram::bucket_of(1000000)));
  EXPECT_EQ(in_phase(arm, 1, "decode.p99_ns"), Histogram::midpoint(Histogram::bucket_of(5000000)));
  // 10 windows of 1,000 I/Os of 64 KiB in one second.
  EXPECT_NEAR(in_phase(arm, 1, "decode.bytes_per_s"), 10000.0 * 65536, 1);
  EXPECT_EQ(arm.over_time[1].size(), 20U);
  EXPECT_EQ(arm.over_time[1][0].ios, 8000U);
  EXPECT_TRUE(arm.over_time[2].empty());
  const std::string text = to_markdown(*report);
  EXPECT_THAT(text, HasSubstr("### Phase busy, 1 to 2 s"));
}

TEST(Phases, AWindowOnTheEdgeBelongsToNeither) {
  ResultFolder folder = stepped();
  for (auto& run : folder.runs)
    for (ClassWindow& moved : run.windows) moved.end_s += 0.05;
  const auto report = build_report(folder, "");
  ASSERT_TRUE(report);
  const ArmSummary& arm = report->loads[0].arms[0];
  // 9 whole windows of the first second, and of the second one; the rate is not lower for it.
  for (std::size_t phase = 0; phase < 2; ++phase) {
    EXPECT_EQ(in_phase(arm, phase, "decode.ios"), 9000) << phase;
    EXPECT_NEAR(in_phase(arm, phase, "decode.bytes_per_s"), 10000.0 * 65536, 1);
  }
}

TEST(Phases, RulesCanBeAboutOne) {
  ResultFolder folder = stepped();
  Rule rule{"quiet is quick", "test", {"decode.p99_ns", true, 2e6, {}, "quiet"}, {}, {}};
  folder.experiment.rules = {rule};
  rule.bound.phase = "busy";
  folder.experiment.rules.push_back(rule);
  const auto report = build_report(folder, "");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->loads[0].rules[0].verdict, RuleVerdict::kPass);
  EXPECT_EQ(report->loads[0].rules[1].verdict, RuleVerdict::kMiss);
}

TEST(Plots, OverTimeHasALinePerArmAndBandsForPhases) {
  ResultFolder folder = stepped();
  SampledFile file;
  for (int i = 0; i < 50; ++i) {
    file.at_s.push_back(0.04 * i);
    file.series["prefill.budget"].emplace_back(i);
  }
  folder.runs[0].samples["sched/budgets"] = file;
  const auto report = build_report(folder, "");
  ASSERT_TRUE(report);
  std::vector<std::string> names;
  for (const Plot& plot : to_plots(*report)) {
    names.push_back(plot.file);
    EXPECT_EQ(plot.svg.find("nan"), std::string::npos) << plot.file;
  }
  EXPECT_THAT(names, ::testing::IsSupersetOf({"plots/mix-decode-latency-time.svg",
                                              "plots/mix-decode-rate-time.svg",
                                              "plots/mix-base-sched-budgets-time.svg"}));
}

TEST(RunFolder, AHistogramLogBelongsToItsJob) {
  const FolderCopy copy("engine-run");
  ASSERT_TRUE(
      copy.replace("run.json", "\"virtual_ns\"", "\"begin_ns\": 1000000000, \"virtual_ns\""));
  copy.write("hist_clat_hist.1.log",
             log_line(1100, 0, 464, 100, 500) + log_line(1200, 0, 464, 100, 400));
  const auto run = read_run(copy.path());
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(run->windows.size(), 2U);
  EXPECT_EQ(run->windows[0].io_class, IoClass::kDecode);
  EXPECT_NEAR(run->windows[0].end_s, 0.1, 1e-9);
  EXPECT_NEAR(run->windows[1].end_s, 0.2, 1e-9);

  // More than fio counted.
  copy.write("hist_clat_hist.1.log", log_line(1100, 0, 464, 100, 5000));
  EXPECT_THAT(read_run(copy.path()).error().message,
              HasSubstr("hold 5000 decode I/Os, fio counted"));
  // A job that fio does not have.
  copy.write("hist_clat_hist.1.log", "");
  copy.write("hist_clat_hist.3.log", log_line(1100, 0, 464, 100, 1));
  EXPECT_THAT(read_run(copy.path()).error().message, HasSubstr("fio.json lists 2 jobs"));
}

TEST(RunFolder, LogsWithoutABeginAreRefused) {
  const FolderCopy copy("engine-run");
  copy.write("samples/sched/counters", "@ 5\na 1\n");
  EXPECT_THAT(read_run(copy.path()).error().message, HasSubstr("run.json has no begin_ns"));
}

TEST(RunFolder, CollectedFilesAreListed) {
  const FolderCopy copy("engine-run");
  copy.write("collected/sched/latency", "x\n");
  const auto run = read_run(copy.path());
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_THAT(run->collected, ElementsAre("sched/latency"));
}

// Each change of state, with what was known then; what a sample lacks is n/a.
TEST(States, OfTheControllerAreATable) {
  auto report = build_report(testing::make_folder(6, 0.5), "");
  ASSERT_TRUE(report);
  EXPECT_THAT(to_markdown(*report), Not(HasSubstr("### States of")));
  const auto control = parse_samples(
      "@ 1000000\nsteps 1\npace start\nprefill_budget_bytes 131072\n"
      "@ 2000000\nsteps 2\npace climb\ndecode_level_ns 250000\ndrain_bytes_per_s 1572000000\n"
      "decode_low_ns 0\npace_bytes_per_s 0\nprefill_budget_bytes 1\n"
      "@ 3000000\nsteps 3\npace climb\n@ 4000000\nsteps 4\npace drain\n",
      0, "s");
  ASSERT_TRUE(control);
  report->loads[0].arms[1].samples["sched/control"] = *control;
  const std::string text = to_markdown(*report);
  EXPECT_THAT(text,
              HasSubstr("| from s | state | decode takes µs | with little in its way | goal | "
                        "drive keeps up with MB/s | rate MB/s | budget KiB |\n"));
  EXPECT_THAT(text, HasSubstr("| 0.001 | start | n/a | n/a | n/a | n/a | n/a | 128 |\n"
                              "| 0.002 | climb | 250 | n/a | n/a | 1,572 | any | one request |\n"
                              "| 0.004 | drain |"));
}

}  // namespace
}  // namespace kairo::reports
