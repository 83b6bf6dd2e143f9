// SPDX-License-Identifier: GPL-2.0-only
// The options and the versions that change what fio writes: read, or refused by their name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/fio_json.h"
#include "kairo/reports/fio_options.h"
#include "kairo/reports/inspect.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using testing::FolderCopy;
using ::testing::HasSubstr;
using testing::kFixtures;
using ::testing::Not;

std::string captured(const std::string& name) {
  const auto text = base::read_file(kFixtures / "options" / name);
  EXPECT_TRUE(text) << name;
  return text.value_or("");
}

FioOutput read(const std::string& name) {
  const auto fio = parse_fio_json(captured(name), name);
  EXPECT_TRUE(fio) << fio.error().message;
  return fio.value_or(FioOutput{"", {FioJob{}}, {}});
}

std::string refusal(const std::string& text) {
  const auto fio = parse_fio_json(text, "x.json");
  EXPECT_FALSE(fio);
  return fio ? "" : fio.error().message;
}

std::string shown(const std::string& name) {
  const auto text = inspect_file(kFixtures / "options" / name, false);
  return text ? *text : text.error().message;
}

const FioDirection& reads(const FioOutput& fio) {
  return fio.jobs.at(0).directions[0];
}

// A run whose one job is captured output, read as class decode.
reports::Run run_of(const std::string& name) {
  const FolderCopy copy("engine-run");
  copy.write("fio.json", captured(name));
  EXPECT_TRUE(
      copy.replace("run.json", "\"classes\": {}", "\"classes\": {\"a\": {\"read\": \"decode\"}}"));
  for (const char* const sidecar : {"engine-decode.json", "engine-replay.json"})
    std::filesystem::remove(copy.path() / sidecar);
  auto run = read_run(copy.path());
  EXPECT_TRUE(run) << run.error().message;
  if (!run) return {};
  run->tunables.clear();
  return std::move(*run);
}

Report report_of(const std::string& name) {
  ResultFolder folder = testing::make_folder(1, 1);
  folder.runs.clear();
  for (const char* const arm : {"base", "test"}) {
    folder.runs.push_back(run_of(name));
    folder.runs.back().record.arm = arm;
  }
  auto report = build_report(folder, "");
  EXPECT_TRUE(report) << report.error().message;
  return report ? std::move(*report) : Report{};
}

TEST(FioShapes, CountsStayWhereNoLatencyIsMeasured) {
  for (const char* const name : {"gtod-reduce.json", "disable-clat.json"}) {
    const FioOutput fio = read(name);
    EXPECT_EQ(reads(fio).counted(), 307U) << name;
    EXPECT_EQ(reads(fio).bytes, 307U * 4096) << name;
    const reports::Run run = run_of(name);
    EXPECT_EQ(run.ios, 307U);
    EXPECT_EQ(figure(run, "decode.ios"), 307);
    EXPECT_GT(figure(run, "decode.bytes_per_s").value_or(0), 0);
    for (const char* const absent : {"decode.p50_ns", "decode.max_ns", "decode.mean_ns"})
      EXPECT_EQ(figure(run, absent), std::nullopt) << name << " " << absent;
    EXPECT_TRUE(figure(run, "virtual_ns_per_io")) << "it is divided by all I/Os";
  }
}

TEST(FioShapes, AReportSaysWhyThereIsNoLatency) {
  const Report report = report_of("gtod-reduce.json");
  EXPECT_EQ(overall(report.reasons), Validity::kDegraded);
  EXPECT_THAT(to_markdown(report),
              HasSubstr("DEGRADED: no latency, because fio ran with gtod_reduce=1: mix base "
                        "(decode), mix test (decode)"));
  EXPECT_THAT(to_csv(report), HasSubstr("\nmix,base,1,1,1,decode,ios,307\n"));
  EXPECT_THAT(to_csv(report), HasSubstr("\nmix,base,1,1,1,decode,p50_ns,\n"));
  EXPECT_THAT(to_csv(report), HasSubstr("\nmix,base,1,1,1,decode,max_ns,\n"));
  EXPECT_THAT(shown("gtod-reduce.json"), HasSubstr("| a   | read |  307 |    n/a |    n/a |"));
  EXPECT_THAT(shown("gtod-reduce.json"), HasSubstr("no latency: fio ran with gtod_reduce=1"));
}

TEST(FioShapes, WithoutBinsTheRestIsRead) {
  const FioOutput fio = read("clat-percentiles-0.json");
  EXPECT_EQ(reads(fio).counted(), 307U);
  EXPECT_EQ(reads(fio).latency.histogram.count(), 0U);
  const reports::Run run = run_of("clat-percentiles-0.json");
  EXPECT_EQ(figure(run, "decode.ios"), 307);
  EXPECT_EQ(figure(run, "decode.max_ns"), static_cast<double>(reads(fio).latency.max_ns));
  EXPECT_DOUBLE_EQ(figure(run, "decode.mean_ns").value_or(0), reads(fio).latency.mean_ns);
  EXPECT_EQ(figure(run, "decode.p50_ns"), std::nullopt);
  EXPECT_THAT(to_markdown(report_of("clat-percentiles-0.json")),
              HasSubstr("no percentiles, because fio ran with clat_percentiles=0"));
}

TEST(FioShapes, OptionsThatOnlyAddOrLeaveOutOthersAreRead) {
  for (const char* const name :
       {"disable-lat.json", "lat-percentiles-1.json", "percentile-list.json"})
    EXPECT_EQ(reads(read(name)).latency.histogram.count(), 307U) << name;
  const FioOutput both = read("unified-both.json");
  EXPECT_EQ(both.jobs[0].directions[0].ios + both.jobs[0].directions[1].ios, 307U);
}

TEST(FioShapes, OptionsThatHideWhatIsNeededAreNamed) {
  EXPECT_THAT(refusal(captured("unified.json")),
              HasSubstr("jobs[0].mixed: reads, writes and trims in one figure, of "
                        "unified_rw_reporting (run fio with unified_rw_reporting=none)"));
  EXPECT_THAT(refusal(captured("stats-0.json")),
              HasSubstr("every job ran with stats=0 (set stats=1)"));
  EXPECT_THAT(refusal(captured("normal.txt")), HasSubstr("run fio with --output-format=json+"));
}

TEST(FioShapes, OfStatusDocumentsTheLastOneCounts) {
  const std::string text = captured("status-interval.json");
  const auto last = text.rfind("\n{\n");
  ASSERT_NE(last, std::string::npos);
  const auto alone = parse_fio_json(text.substr(last + 1), "x.json");
  ASSERT_TRUE(alone) << alone.error().message;
  const FioOutput all = read("status-interval.json");
  EXPECT_EQ(reads(all).ios, reads(*alone).ios);
  EXPECT_TRUE(reads(all).latency.histogram == reads(*alone).latency.histogram);
  EXPECT_GT(reads(all).ios, 250U);
}

// As fio on another system writes them, or a tool in between.
TEST(FioShapes, LinesMayEndWithACarriageReturn) {
  std::string text;
  for (const char c : captured("status-interval.json")) text += c == '\n' ? "\r\n" : std::string{c};
  const auto fio = parse_fio_json(text, "x.json");
  ASSERT_TRUE(fio) << fio.error().message;
  EXPECT_EQ(reads(*fio).ios, reads(read("status-interval.json")).ios);
}

TEST(FioShapes, ACutStatusIsTruncatedWhereItIs) {
  const std::string text = captured("status-cut.json");
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_THAT(refusal(text),
              HasSubstr(fmt::format("x.json:{}: the JSON ends too early", lines + 1)));
}

TEST(FioShapes, DocumentsOfSeveralRunsAreRefused) {
  const std::string two = captured("gtod-reduce.json") + captured("fsync.json");
  EXPECT_THAT(refusal(two), HasSubstr("2 documents, and this one is not of the same run"));
  // The same jobs, but a document from before the first.
  const std::string text = captured("status-interval.json");
  const auto last = text.rfind("\n{\n");
  EXPECT_THAT(refusal(text.substr(last + 1) + text.substr(0, last + 1)),
              HasSubstr("not of the same run"));
}

TEST(FioShapes, SyncsAreNoShortIos) {
  for (const char* const name : {"fsync.json", "fdatasync.json", "sync-file-range.json"}) {
    const FioOutput fio = read(name);
    for (const FioDirection& direction : fio.jobs[0].directions)
      EXPECT_EQ(direction.short_ios, 0U) << name;
    EXPECT_EQ(fio.jobs[0].directions[1].ios, 53U) << name;
  }
  // Those beyond the syncs stay.
  std::string text = captured("fdatasync.json");
  const auto at = text.find("\"short_ios\" : 52");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 16, "\"short_ios\" : 55");
  const auto fio = parse_fio_json(text, "x.json");
  ASSERT_TRUE(fio) << fio.error().message;
  EXPECT_EQ(reads(*fio).short_ios, 3U);
  // Without the option every one is short.
  text.replace(text.find("\"fdatasync\" :"), 13, "\"fdatasinc\" :");
  EXPECT_EQ(reads(*parse_fio_json(text, "x.json")).short_ios, 55U);
}

TEST(FioShapes, GroupedJobsAreNamedByTheirSidecars) {
  const FolderCopy copy("engine-run");
  copy.write("fio.json", captured("group.json"));
  ASSERT_TRUE(copy.replace("engine-decode.json", "\"jobname\": \"decode\"", "\"jobname\": \"a\""));
  ASSERT_TRUE(copy.replace("engine-replay.json", "\"jobname\": \"replay\"", "\"jobname\": \"b\""));
  const auto run = read_run(copy.path());
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message,
              HasSubstr("fio.json: has no job 'b', of which there is a sidecar: group_reporting"));
}

TEST(FioShapes, OldFioDoesNotSayHowMany) {
  const FioOutput fio = read("fio-3.1.json");
  EXPECT_EQ(reads(fio).latency.count, 307U);
  EXPECT_EQ(reads(fio).latency.histogram.count(), 307U);
  EXPECT_EQ(fio.jobs[0].directions[1].counted(), 0U);
  const FioOutput reduced = read("fio-3.1-gtod-reduce.json");
  EXPECT_EQ(reads(reduced).counted(), 307U);
  EXPECT_EQ(reads(reduced).no_latency, "fio ran with gtod_reduce=1");
  // From 3.18 on it does, always.
  std::string text = captured("fio-3.1.json");
  text.replace(text.find("fio-3.1"), 7, "fio-3.18");
  EXPECT_THAT(refusal(text), HasSubstr("clat_ns.N: missing"));
  // What the bins do not say is refused as ever.
  text = captured("fio-3.1.json");
  text.replace(text.find("\"bins\" : {") + 10, 0, "\"129\" : 400,");
  EXPECT_THAT(refusal(text), HasSubstr("but the bins say"));
}

TEST(FioOptions, AreRefusedWithTheRemedyUnlessHarmless) {
  EXPECT_THAT(fio_option_objection("group_reporting", "1"), HasSubstr("(leave it out)"));
  EXPECT_THAT(fio_option_objection("group_reporting", ""), HasSubstr("one entry stands for"));
  EXPECT_EQ(fio_option_objection("group_reporting", "0"), "");
  EXPECT_THAT(fio_option_objection("unified_rw_reporting", "mixed"),
              HasSubstr("unified_rw_reporting=none"));
  EXPECT_EQ(fio_option_objection("unified_rw_reporting", "both"), "");
  EXPECT_THAT(fio_option_objection("clat_percentiles", "0"), HasSubstr("clat_percentiles=1"));
  EXPECT_EQ(fio_option_objection("clat_percentiles", "1"), "");
  for (const char* const option :
       {"gtod_reduce", "disable_clat", "lat_percentiles", "output-format", "status-interval",
        "write_hist_log", "log_hist_msec", "log_alternate_epoch"})
    EXPECT_NE(fio_option_objection(option, "1"), "") << option;
  EXPECT_NE(fio_option_objection("stats", "0"), "");
  EXPECT_NE(fio_option_objection("per_job_logs", "0"), "");
  for (const char* const option : {"percentile_list", "iodepth", "disable_lat", "fdatasync"})
    EXPECT_EQ(fio_option_objection(option, "1"), "") << option;
}

}  // namespace
}  // namespace kairo::reports
