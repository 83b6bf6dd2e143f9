// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/clear.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_tree.h"
#include "git.h"
#include "kairo/kernel/export.h"
#include "kairo/kernel/series.h"

namespace kairo::kernel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A cache with a base, and a developer's tree in it with one commit.
class ClearTest : public testing::Test {
 protected:
  void SetUp() override {
    make_fake_base(paths_.main.src);
    ASSERT_TRUE(git_text(paths_.main.src,
                         {"worktree", "add", "-b", "kairo/checkout", paths_.checkout.string()}));
    commit_change(paths_.checkout, "fs/new.c", "new\n", "fs: add a file");
    ASSERT_TRUE(base::make_directory(paths_.main.build / "lab"));
    ASSERT_TRUE(base::make_directory(paths_.downloads));
  }
  std::vector<std::string> work() const {
    const auto found = unexported_work(paths_);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found.value_or(std::vector<std::string>{});
  }
  void export_checkout() const {
    const fs::path series = folder_.path() / "series";
    ASSERT_TRUE(base::make_directory(series));
    ASSERT_TRUE(base::write_file(series / "0000-cover-letter.patch",
                                 "Subject: fs: a file\n\nA paragraph.\n"));
    const auto exported = export_series(paths_.checkout, series);
    ASSERT_TRUE(exported) << exported.error().message;
  }

  base::TempDir folder_ = *base::TempDir::create("kairo-clear-");
  CachePaths paths_ = cache_paths(folder_.path() / "cache");
};

TEST_F(ClearTest, CommitsInNoSeriesAreNotRemoved) {
  EXPECT_THAT(work(), ElementsAre("branch kairo/checkout: 1 commits that are in no series"));
  const auto cleared = clear_trees(paths_, false);
  ASSERT_FALSE(cleared);
  EXPECT_EQ(cleared.error().code, base::ErrorCode::kInput);
  EXPECT_THAT(cleared.error().message,
              AllOf(HasSubstr("kairo/checkout: 1 commits"), HasSubstr("--force")));
  EXPECT_TRUE(fs::exists(paths_.checkout / "fs/new.c"));
  EXPECT_TRUE(fs::exists(paths_.main.build));
}

TEST_F(ClearTest, ExportedOnesAre) {
  export_checkout();
  EXPECT_THAT(work(), IsEmpty());
  ASSERT_TRUE(clear_trees(paths_, false));
  EXPECT_FALSE(fs::exists(paths_.checkout));
  EXPECT_FALSE(fs::exists(paths_.main.src));
  EXPECT_FALSE(fs::exists(paths_.main.build));
  EXPECT_TRUE(fs::exists(paths_.downloads));
}

TEST_F(ClearTest, ChangesDetachedCommitsAndTreesElsewhereAreSeen) {
  export_checkout();
  ASSERT_TRUE(base::write_file(paths_.checkout / "fs/new.c", "changed\n"));
  EXPECT_THAT(work(), ElementsAre(HasSubstr("checkout: changes that are not committed")));
  ASSERT_TRUE(git_text(paths_.checkout, {"checkout", "--quiet", "--detach", "--force"}));
  commit_change(paths_.checkout, "fs/new.c", "more\n", "fs: more");
  EXPECT_THAT(work(), ElementsAre(HasSubstr("checkout: 1 commits that are in no series")));
  ASSERT_TRUE(git_text(paths_.checkout, {"checkout", "--quiet", "kairo/checkout"}));
  const fs::path other = folder_.path() / "other";
  ASSERT_TRUE(git_text(paths_.main.src, {"worktree", "add", "--detach", other.string(), "base"}));
  EXPECT_THAT(work(), ElementsAre(HasSubstr("other: a tree whose commits are kept in the cache")));
}

TEST_F(ClearTest, ForceRemovesAndNothingIsNoError) {
  ASSERT_TRUE(clear_trees(paths_, true));
  EXPECT_FALSE(fs::exists(paths_.checkout));
  EXPECT_TRUE(clear_trees(paths_, false));
}

TEST_F(ClearTest, WhatGitCannotReadIsNotRemoved) {
  fs::remove(paths_.main.src / ".git/HEAD");
  const auto cleared = clear_trees(paths_, false);
  ASSERT_FALSE(cleared);
  EXPECT_THAT(cleared.error().message, HasSubstr("nothing is removed"));
  EXPECT_TRUE(fs::exists(paths_.main.src));
}

}  // namespace
}  // namespace kairo::kernel
