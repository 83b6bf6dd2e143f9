// SPDX-License-Identifier: GPL-2.0-only
// Options after which no report could be made are refused before anything is run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/reports/run_data.h"
#include "plan/campaign_plan.h"
#include "run_command.h"
#include "target/guest_script.h"

namespace kairo::experiments {
namespace {

using testing::HasSubstr;

std::string objection(const std::vector<JobOverride>& options) {
  const auto checked = check_job_options("--set", options);
  return checked ? "" : checked.error().message;
}

TEST(JobOptions, AreReadWithTheirSections) {
  const auto options = job_options(
      "[global]\n# gtod_reduce=1\n; stats=0\n\n bs = 4k\n[decode]\ngroup_reporting\nrate=a=b\n");
  ASSERT_EQ(options.size(), 3U);
  EXPECT_EQ(options[0].section + "." + options[0].key + "=" + options[0].value, "global.bs=4k");
  EXPECT_EQ(options[1].section + "." + options[1].key + "=" + options[1].value,
            "decode.group_reporting=");
  EXPECT_EQ(options[2].value, "a=b");
}

TEST(JobOptions, ThatHideWhatAReportNeedsAreNamed) {
  EXPECT_EQ(objection({{"", "group_reporting", "1"}}),
            "--set group_reporting=1: no report could be made: one entry stands for several jobs, "
            "so their classes cannot be told apart (leave it out)");
  EXPECT_THAT(objection({{"", "iodepth", "4"}, {"decode", "gtod_reduce", "1"}}),
              HasSubstr("--set decode.gtod_reduce=1: no report could be made: fio measures no"));
  EXPECT_EQ(objection({{"", "iodepth", "4"}, {"", "unified_rw_reporting", "none"}}), "");
}

// A campaign of the first experiment, as `kairo experiment run` plans it.
Campaign campaign() {
  Campaign out;
  auto definition = load_definition(experiments_dir() / "01-decode-priority");
  EXPECT_TRUE(definition) << definition.error().message;
  out.definition = std::move(*definition);
  return out;
}

TEST(JobOptions, OfTheCommandLineOfAnArmAndOfAJobFileAreRefused) {
  Campaign set = campaign();
  set.overrides = {{"", "clat_percentiles", "0"}};
  EXPECT_THAT(prepare_jobs(set).error().message, HasSubstr("--set clat_percentiles=0"));
  set.overrides = {{"decode", "kv_stats", "/tmp/x"}};
  EXPECT_THAT(prepare_jobs(set).error().message, HasSubstr("--set kv_stats=/tmp/x"));

  Campaign arm = campaign();
  arm.definition.arm_overrides[arm.definition.arms.back().name] = {{"", "stats", "0"}};
  EXPECT_THAT(prepare_jobs(arm).error().message,
              HasSubstr(fmt::format("arm {}: stats=0", arm.definition.arms.back().name)));

  const auto directory = base::TempDir::create("kairo-test-");
  ASSERT_TRUE(directory);
  Campaign file = campaign();
  file.definition.loads.front().job = directory->path() / "own.fio";
  ASSERT_TRUE(base::write_file(directory->path() / "own.fio", "[a]\nrw=read\ngtod_reduce=1\n"));
  EXPECT_THAT(prepare_jobs(file).error().message, HasSubstr("own.fio: a.gtod_reduce=1"));
}

TEST(JobOptions, OfEveryExperimentHereAreFine) {
  const auto directories = list_experiments(experiments_dir());
  EXPECT_GT(directories.size(), 20U);
  for (const auto& directory : directories) {
    Campaign own;
    auto definition = load_definition(directory);
    ASSERT_TRUE(definition) << definition.error().message;
    own.definition = std::move(*definition);
    const auto jobs = prepare_jobs(own);
    EXPECT_TRUE(jobs) << directory << ": " << jobs.error().message;
  }
}

// Before the kernel is looked for, let alone booted.
TEST(JobOptions, AreRefusedBeforeAnythingElse) {
  const auto directory = base::TempDir::create("kairo-test-");
  ASSERT_TRUE(directory);
  RunOptions options;
  options.names = {"01-decode-priority"};
  options.sets = {"group_reporting=1"};
  options.kernel = "/nonexistent/bzImage";
  options.out = (directory->path() / "out").string();
  const auto done = run_experiments(options);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::kUsage);
  EXPECT_THAT(done.error().message, HasSubstr("--set group_reporting=1"));
  EXPECT_FALSE(std::filesystem::exists(directory->path() / "out"));
}

// The guest's own function, on files as sysfs has them.
TEST(GuestTunables, OfSeveralLinesAreWrittenAsTheReportReadsThem) {
  const std::string script = guest_script({}, {}, {}, {}, 1);
  const auto begin = script.find("save_tunable() {");
  ASSERT_NE(begin, std::string::npos);
  const std::string function = script.substr(begin, script.find("\n}\n", begin) + 3 - begin);
  const auto directory = base::TempDir::create("kairo-test-");
  ASSERT_TRUE(directory);
  for (const auto& [name, text] : {std::pair{"one", "64\n"},
                                   {"two", "base : 1\nslope: 2\n"},
                                   {"three", "base : 3\nslope: 4\n"}})
    ASSERT_TRUE(base::write_file(directory->path() / name, text));
  const auto done = base::run({.argv = {"sh"},
                               .directory = directory->path(),
                               .input = function + "save_tunable one one; save_tunable a/two two\n"
                                                   "save_tunable a/three three\n"});
  ASSERT_TRUE(done) << done.error().message;
  const auto read = reports::parse_tunables(done->out, "tunables.txt");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, (reports::TextMap{{"one", "64"},
                                     {"a/two", "base : 1\nslope: 2"},
                                     {"a/three", "base : 3\nslope: 4"}}));
}

}  // namespace
}  // namespace kairo::experiments
