// SPDX-License-Identifier: GPL-2.0-only
// What `kairo experiment run` never mixes its results with and never removes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/owned_folder.h"
#include "kairo/trace/sample.h"
#include "plan/workload_source.h"
#include "run_command.h"

namespace kairo::experiments {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ResultSafety : public testing::Test {
 protected:
  // Ends at the drive, which is not there: what happens before is looked at.
  [[nodiscard]] base::Status run(bool fresh) const {
    RunOptions options;
    options.names = {"01-decode-priority"};
    options.loads = {"mix"};
    options.target = "host";
    options.device = options.overwrite = "/no/such/drive";
    options.profile = "reference";
    options.out = out_.string();
    options.fresh = fresh;
    return run_experiments(options);
  }
  void put(const char* name) const { ASSERT_TRUE(base::write_below(out_, name, "precious")); }
  [[nodiscard]] bool is_there(const char* name) const { return fs::exists(out_ / name); }
  base::Result<base::TempDir> dir_ = base::TempDir::create("kairo-test-");
  fs::path out_ = dir_->path() / "out";
};

TEST_F(ResultSafety, AFolderWithOtherFilesIsRefused) {
  put("thesis.tex");
  for (const bool fresh : {false, true}) {
    const auto refused = run(fresh);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr(out_.string()));
    EXPECT_THAT(refused.error().message,
                HasSubstr(fresh ? "has no kairo-manifest.txt, so" : "(thesis.tex)"));
    EXPECT_EQ(std::distance(fs::directory_iterator(out_), fs::directory_iterator()), 1);
  }
}

// A folder that looks like a result is somebody's all the same.
TEST_F(ResultSafety, FreshTakesNoWordForIt) {
  put("experiment.json");
  put("campaign.json");
  put("photos/1.jpg");
  EXPECT_FALSE(run(true));
  EXPECT_TRUE(is_there("photos/1.jpg"));
  EXPECT_TRUE(is_there("experiment.json"));
}

TEST_F(ResultSafety, FreshRemovesOnlyWhatKairoWrote) {
  const auto folder = base::OwnedFolder::claim(out_);
  ASSERT_TRUE(folder);
  ASSERT_TRUE(folder->write("experiment.json", "{}"));
  ASSERT_TRUE(folder->begin("runs/mix/none/1"));
  put("runs/mix/none/1/fio.json");
  ASSERT_TRUE(folder->end("runs/mix/none/1"));
  put("notes.txt");
  EXPECT_FALSE(run(true));
  EXPECT_FALSE(is_there("experiment.json"));
  EXPECT_FALSE(is_there("runs"));
  EXPECT_EQ(base::read_file(out_ / "notes.txt").value_or(""), "precious");
}

TEST_F(ResultSafety, TheWorkloadOfAResultStays) {
  const auto profile = load_profile(experiments_dir() / "profiles/reference.toml");
  ASSERT_TRUE(profile) << profile.error().message;
  const auto folder = base::TempDir::create("kairo-trace-");
  ASSERT_TRUE(folder);
  const fs::path trace = folder->path() / "generated.jsonl";
  ASSERT_TRUE(base::write_file(trace, trace::make_sample(200, 2)));
  const auto first = make_workload(trace, *profile, out_, "workloads/trace.workload");
  ASSERT_TRUE(first) << first.error().message;
  const std::string before = base::read_file(first->file).value();
  ASSERT_TRUE(base::OwnedFolder::claim(out_)->write("experiment.json", "{}"));
  EXPECT_TRUE(make_workload(trace, *profile, out_, "workloads/trace.workload"));
  const auto other = load_profile(experiments_dir() / "profiles/qlc-3die.toml");
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_THAT(make_workload(trace, *other, out_, "workloads/trace.workload").error().message,
              HasSubstr("would make another workload than this result has"));
  EXPECT_EQ(base::read_file(first->file).value(), before);
}

}  // namespace
}  // namespace kairo::experiments
