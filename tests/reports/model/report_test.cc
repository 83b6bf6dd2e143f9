// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "folder_fixture.h"
#include "kairo/reports/format.h"
#include "kairo/test_support/skip.h"

namespace kairo::reports {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using testing::FolderCopy;
using testing::kFixtures;
using testing::make_folder;
using testing::must_build;

Json json_of(const ResultFolder& folder) {
  return Json::parse(to_report_json(must_build(folder)));
}

// Compares with golden/NAME; KAIRO_UPDATE_GOLDEN=1 writes it instead.
void expect_golden(const std::string& name, const std::string& text) {
  const fs::path path = kFixtures / "golden" / name;
  if (std::getenv("KAIRO_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(base::write_file(path, text));
    return;
  }
  const auto golden = base::read_file(path);
  ASSERT_TRUE(golden) << "run with KAIRO_UPDATE_GOLDEN=1 to make it";
  // Line by line, so that a difference is readable.
  EXPECT_EQ(*golden, text) << name << " differs; look at it, then KAIRO_UPDATE_GOLDEN=1 accepts it";
}

TEST(Golden, ReportOfTheCapturedCampaign) {
  const auto folder = read_result_folder(kFixtures / "campaign");
  ASSERT_TRUE(folder) << folder.error().message;
  const Report report = must_build(*folder);
  expect_golden("report.md", to_markdown(report));
  expect_golden("report.json", to_report_json(report));
  expect_golden("metrics.csv", to_csv(report));
  expect_golden("curves.csv", to_curves_csv(report));
  expect_golden("report.gp", to_gnuplot(report));
  for (const Plot& plot : to_plots(report)) expect_golden(plot.file, plot.svg);
}

TEST(Report, SameInputSameBytes) {
  const FolderCopy copy("campaign");
  const auto one = compare_folders({copy.path()}, "", copy.path() / "one");
  const auto two = compare_folders({copy.path()}, "", copy.path() / "two");
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_TRUE(two) << two.error().message;
  unsigned files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(copy.path() / "one")) {
    if (!entry.is_regular_file()) continue;
    const auto other = copy.path() / "two" / fs::relative(entry.path(), copy.path() / "one");
    EXPECT_EQ(*base::read_file(entry.path()), *base::read_file(other)) << other;
    ++files;
  }
  EXPECT_EQ(files, 13U);  // 12 of the report, and the manifest
}

TEST(Report, AFixtureSaysSo) {
  const auto folder = read_result_folder(kFixtures / "campaign");
  ASSERT_TRUE(folder);
  const std::string text = to_markdown(must_build(*folder));
  EXPECT_TRUE(text.starts_with("# FIXTURE: "));
  EXPECT_THAT(text, HasSubstr("**Validity: INVALID**"));
}

TEST(ReportJson, MediansAreWhereTheyArePromised) {
  const Json json = json_of(make_folder(7, 0.5));
  EXPECT_EQ(json["schema"], "kairo-report");
  EXPECT_EQ(json["version"], 1);
  const Json& decode = json["arms"]["test"]["classes"]["decode"];
  // Medians over runs of 0.5 * (1 + 0.02 * repeat) ms, as bucket midpoints.
  EXPECT_EQ(decode["p99_ns"], Histogram::midpoint(Histogram::bucket_of(540000)));
  EXPECT_EQ(decode["p99_source"], "runs");
  EXPECT_EQ(decode["ios"], 20000);
  EXPECT_EQ(decode["bytes_per_s"], 20000.0 * 65536 / 2);
  EXPECT_EQ(json["arms"]["test"]["utilisation"], 0.5);
  EXPECT_EQ(json["arms"]["test"]["virtual_ns_per_io"], 25000);
  EXPECT_EQ(json["loads"]["mix"]["arms"]["test"]["classes"]["decode"]["p99_ns"], decode["p99_ns"]);
  EXPECT_FALSE(json["arms"]["test"]["classes"].contains("prefill"));
  EXPECT_EQ(decode["intervals"]["p99_ns"].size(), 2U);
  EXPECT_EQ(decode["runs"]["p99_ns"].size(), 7U);
}

TEST(ReportJson, ThinPercentilesAreNullOrPooled) {
  // 2,000 samples a run: p99 by run, p99.9 only from all seven together, p99.99 not at all.
  const Json decode = json_of(make_folder(7, 0.5, 2000))["arms"]["base"]["classes"]["decode"];
  EXPECT_EQ(decode["p99_source"], "runs");
  EXPECT_EQ(decode["p999_source"], "pooled");
  EXPECT_EQ(decode["p999_ns"], decode["pooled"]["p999_ns"]);
  EXPECT_TRUE(decode["intervals"]["p999_ns"].is_null());
  EXPECT_TRUE(decode["p9999_ns"].is_null());
  EXPECT_TRUE(decode["p9999_source"].is_null());
  EXPECT_EQ(decode["pooled"]["samples"], 14000);
  const std::string text = to_markdown(must_build(make_folder(7, 0.5, 2000)));
  // p99.9 of all runs together, marked, and no p99.99.
  EXPECT_THAT(text, ::testing::ContainsRegex("\\| base +\\|[^\n]* 1,139\\* \\| +n/a \\|"));
}

TEST(Report, FindsAShiftAndNoShift) {
  const auto verdict = [](double factor, unsigned repeats) {
    return must_build(make_folder(repeats, factor)).loads[0].comparisons[0].rows[0].verdict;
  };
  EXPECT_EQ(verdict(0.5, 8), Verdict::kImproved);
  EXPECT_EQ(verdict(2, 8), Verdict::kRegressed);
  EXPECT_EQ(verdict(1, 8), Verdict::kNoDifference);
  EXPECT_EQ(verdict(1.01, 8), Verdict::kNoDifference);
  EXPECT_EQ(verdict(0.5, 3), Verdict::kNotEnoughData);
}

TEST(Report, TheAnswerNamesTheBestArm) {
  EXPECT_THAT(must_build(make_folder(8, 0.5)).answer,
              HasSubstr("test is best with 545 µs, 0.500 times base's 1,090 µs (improved)"));
  EXPECT_THAT(must_build(make_folder(8, 2)).answer, HasSubstr("base is best"));
}

TEST(Report, ALatencyBoughtWithThroughputIsNotTheBest) {
  ResultFolder folder = make_folder(8, 0.5);
  for (auto& run : folder.runs) {
    if (run.record.arm == "test") run.device["die_busy_ns"] = "240";
  }
  EXPECT_THAT(must_build(folder).answer,
              HasSubstr("base is best with 1,090 µs, and it is the base; test has 545 µs, but at "
                        "0.0600 times the utilisation of base"));
}

TEST(Report, AFigureThatOneRunLacksIsNotCompared) {
  ResultFolder folder = make_folder(8, 0.5);
  folder.runs.back().device.clear();
  const Report report = must_build(folder);
  const ComparisonRow& row = report.loads[0].comparisons[0].rows[1];
  EXPECT_EQ(row.metric.name, "utilisation");
  EXPECT_EQ(row.verdict, Verdict::kNotEnoughData);
  EXPECT_FALSE(row.p);
  EXPECT_EQ(report.loads[0].comparisons[0].rows[0].verdict, Verdict::kImproved);
}

TEST(Report, AnotherBaseIsPossibleAndChecked) {
  const auto report = build_report(make_folder(8, 0.5), "test");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->loads[0].comparisons[0].arm, "base");
  EXPECT_EQ(report->loads[0].comparisons[0].rows[0].verdict, Verdict::kRegressed);
  const auto refused = build_report(make_folder(8, 0.5), "nobody");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUsage);
  EXPECT_THAT(refused.error().message, HasSubstr("there are: base, test"));
}

TEST(Merge, ArmsOfTheSameNameGetTheFoldersName) {
  ResultFolder before = make_folder(8, 0.9);
  ResultFolder after = make_folder(8, 0.5);
  before.root = "results/before";
  after.root = "results/after/";
  after.experiment.arms[1].name = "other";
  for (auto& run : after.runs) {
    if (run.record.arm == "test") run.record.arm = "other";
  }
  after.experiment.environment["kernel"] = "6.12.118";
  std::vector<Reason> reasons;
  const auto merged = merge_folders({before, after}, reasons);
  ASSERT_TRUE(merged) << merged.error().message;
  ASSERT_EQ(merged->experiment.arms.size(), 4U);
  EXPECT_EQ(merged->experiment.arms[0].name, "before:base");
  EXPECT_EQ(merged->experiment.arms[1].name, "test");
  EXPECT_EQ(merged->experiment.arms[2].name, "after:base");
  EXPECT_EQ(merged->experiment.base_arm, "before:base");
  EXPECT_EQ(merged->runs.size(), 32U);
  ASSERT_EQ(reasons.size(), 1U);
  EXPECT_EQ(reason_text(reasons[0]), "the folders differ: kernel: n/a and 6.12.118");
  const auto report = build_report(*merged, "", reasons);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->loads[0].arms.size(), 4U);
  EXPECT_EQ(overall(report->reasons), Validity::kDegraded);
}

TEST(Merge, RefusesOtherLoadsUnderTheSameName) {
  ResultFolder other = make_folder(8, 0.5);
  other.root = "other";
  other.experiment.loads[0].job_sha256 = "def";
  std::vector<Reason> reasons;
  const auto merged = merge_folders({make_folder(8, 0.9), other}, reasons);
  ASSERT_FALSE(merged);
  EXPECT_THAT(merged.error().message, HasSubstr("another job file"));
}

TEST(Markdown, CannotBeBrokenByNames) {
  ResultFolder folder = make_folder(8, 0.5);
  folder.experiment.question = "Is | a <script> `here`?\n# heading";
  folder.experiment.environment["cmdline"] = "a|b\n- c";
  const std::string text = to_markdown(must_build(folder));
  EXPECT_THAT(text, HasSubstr("Is \\| a &lt;script> 'here'? # heading"));
  EXPECT_THAT(text, Not(HasSubstr("\n# heading")));
  EXPECT_THAT(text, HasSubstr("cmdline: a\\|b - c"));
}

// Everything keeps to 100 columns, tables too; only the line of an image may be longer.
TEST(Markdown, FitsAMail) {
  ResultFolder folder = make_folder(8, 0.5);
  folder.experiment.arms[1].name = "mq-deadline-kv";
  for (auto& run : folder.runs) {
    if (run.record.arm == "test") run.record.arm = "mq-deadline-kv";
    run.counters.emplace();
    for (const char* column : {"queued", "dispatched", "completed", "expired", "merged", "late",
                               "escaped", "held", "merge_tried", "tags_waited"})
      (*run.counters)["prefetch"][column] = 1234567;
  }
  folder.experiment.metrics = default_metrics();
  const std::string text = to_markdown(must_build(folder));
  std::size_t start = 0;
  unsigned lines = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    const std::string line = text.substr(start, end - start);
    ++lines;
    if (!line.starts_with("![")) {
      EXPECT_LE(display_width(line), 100U) << line;
    }
    start = end + 1;
  }
  EXPECT_GT(lines, 50U);
}

TEST(Markdown, SaysWhatAnArmGainsAndPays) {
  ResultFolder folder = make_folder(8, 0.5);
  for (auto& run : folder.runs) {
    if (run.record.arm == "test") run.device["die_busy_ns"] = "2400";
  }
  EXPECT_THAT(to_markdown(must_build(folder)),
              HasSubstr("- test: improved decode p99 (0.500 ×); regressed utilisation (0.600 ×)"));
}

// "mix" is the beginning of "mix-2": each load has its own plots, once.
TEST(Markdown, APlotStandsWithItsLoad) {
  ResultFolder folder = make_folder(8, 0.5);
  folder.experiment.loads.push_back(folder.experiment.loads.front());
  folder.experiment.loads.back().name = "mix-2";
  for (std::size_t i = 0, runs = folder.runs.size(); i < runs; ++i) {
    folder.runs.push_back(folder.runs[i]);
    folder.runs.back().record.load = "mix-2";
  }
  const Report report = must_build(folder);
  const std::vector<Plot> plots = to_plots(report);
  const std::string text = to_markdown(report);
  const std::string of_mix = text.substr(0, text.find("## Load: mix-2"));
  ASSERT_LT(of_mix.size(), text.size());
  std::size_t of_mix_2 = 0;
  for (const Plot& plot : plots) {
    const std::string shown = fmt::format("]({})", plot.file);
    EXPECT_EQ(of_mix.find(shown) != std::string::npos, plot.load == "mix") << plot.file;
    EXPECT_EQ(text.find(shown), text.rfind(shown)) << plot.file << " is shown twice";
    if (plot.load == "mix-2") ++of_mix_2;
  }
  EXPECT_GT(of_mix_2, 0U);
}

TEST(Svg, EscapesAndIsNeverEmpty) {
  ResultFolder folder = make_folder(8, 0.5);
  folder.experiment.arms[1].name = "a&b<c>";
  for (auto& run : folder.runs) {
    if (run.record.arm == "test") run.record.arm = "a&b<c>";
  }
  const auto plots = to_plots(must_build(folder));
  ASSERT_EQ(plots.size(), 3U);
  for (const Plot& plot : plots) {
    EXPECT_THAT(plot.svg, HasSubstr("a&amp;b&lt;c&gt;"));
    EXPECT_THAT(plot.svg, HasSubstr("prefers-color-scheme:dark"));
    EXPECT_THAT(plot.svg, Not(HasSubstr("nan")));
    EXPECT_THAT(plot.svg, Not(HasSubstr("inf")));
  }
}

// 1,000 runs of 5 jobs. CPU time, so that a busy machine does not fail it.
TEST(Speed, AThousandRunsInSeconds) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << test_support::kCannotBeHere << "a sanitizer slows it down several times";
#endif
  const FolderCopy copy("campaign");
  Json fio = Json::parse(copy.read("runs/mix/depth16/1/fio.json"));
  for (const char* name : {"reader2", "reader3", "reader4"}) {
    fio["jobs"].push_back(fio["jobs"][0]);
    fio["jobs"].back()["jobname"] = name;
  }
  ASSERT_TRUE(copy.replace("experiment.json", "\"repeats\": 6", "\"repeats\": 500"));
  const std::string text = fio.dump(1);
  for (const char* arm : {"depth4", "depth16"}) {
    for (unsigned repeat = 1; repeat <= 500; ++repeat) {
      const std::string run = fmt::format("runs/mix/{}/{}/", arm, repeat);
      copy.write(run + "fio.json", text);
      copy.write(
          run + "run.json",
          to_json_text(RunRecord{
              "mix", arm, repeat, repeat, 1, 0, {}, {}, {}, {{"writer", {{"write", "prefill"}}}}}));
    }
  }
  const std::clock_t begin = std::clock();
  const auto report = compare_folders({copy.path()}, "", copy.path() / "out");
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  ASSERT_TRUE(report) << report.error().message;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("1,000 runs of 5 jobs: {:.2f} s CPU, {} MB\n", seconds, usage.ru_maxrss / 1024);
  EXPECT_LT(seconds, 5);
  EXPECT_LT(usage.ru_maxrss / 1024, 500);
}

}  // namespace
}  // namespace kairo::reports
