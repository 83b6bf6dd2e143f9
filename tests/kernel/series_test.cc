// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_tree.h"
#include "git.h"
#include "kairo/kernel/export.h"

namespace kairo::kernel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A base, a developer's clone of it with two commits, and an empty series folder with a cover text.
class SeriesTest : public testing::Test {
 protected:
  void SetUp() override {
    make_fake_base(repository());
    ASSERT_TRUE(git_text(repository(), {"worktree", "add", "-b", "work", work().string()}));
    commit_change(work(), "block/bio.c", twenty_lines(10, "ten"), "block: change line ten");
    commit_change(work(), "fs/new.c", "new\n", "fs: add a file");
    ASSERT_TRUE(base::write_below(series(), "0000-cover-letter.patch",
                                  "Subject: block: numbers as words\n\nA first paragraph.\n\nA "
                                  "second (with 2):\n - an item\n"));
    ASSERT_TRUE(base::write_file(series() / "BASE", "kept\n"));
  }

  fs::path repository() const { return folder_.path() / "src"; }
  fs::path work() const { return folder_.path() / "work"; }
  fs::path series() const { return folder_.path() / "series"; }
  fs::path scratch() const { return folder_.path() / "scratch"; }
  base::Result<std::vector<std::string>> apply() const {
    const auto loaded = load_series(series());
    if (!loaded) return base::fail(loaded.error());
    return apply_series(*loaded, repository(), scratch());
  }
  std::string text_of_series() const {
    std::string all;
    for (const char* const name : {"series", "0000-cover-letter.patch",
                                   "0001-block-change-line-ten.patch", "0002-fs-add-a-file.patch"})
      all += base::read_file(series() / name).value_or("missing: " + std::string(name));
    return all;
  }

  base::TempDir folder_ = *base::TempDir::create("kairo-series-");
};

TEST_F(SeriesTest, ExportTwiceGivesTheSameBytes) {
  ASSERT_EQ(export_series(work(), series()).value_or(0), 2U);
  const std::string first = text_of_series();
  ASSERT_EQ(export_series(work(), series()).value_or(0), 2U);
  EXPECT_EQ(text_of_series(), first);
  EXPECT_THAT(first, HasSubstr("Subject: [PATCH 0/2] block: numbers as words\n"));
  EXPECT_THAT(first, HasSubstr("A second (with 2):\n - an item\n"));
  EXPECT_THAT(first, HasSubstr("base-commit: "));
  EXPECT_THAT(first, testing::Not(HasSubstr("missing: ")));
  EXPECT_EQ(base::read_file(series() / "BASE").value_or(""), "kept\n");
}

TEST_F(SeriesTest, ExportRemovesStalePatchesAndKeepsTheCover) {
  ASSERT_TRUE(export_series(work(), series()));
  ASSERT_TRUE(git_text(work(), {"reset", "--quiet", "--hard", "HEAD~1"}));
  ASSERT_EQ(export_series(work(), series()).value_or(0), 1U);
  EXPECT_FALSE(fs::exists(series() / "0002-fs-add-a-file.patch"));
  const auto cover = base::read_file(series() / "0000-cover-letter.patch");
  ASSERT_TRUE(cover);
  EXPECT_THAT(*cover, HasSubstr("[PATCH 0/1] block: numbers as words"));
  EXPECT_THAT(*cover, HasSubstr("A first paragraph."));
}

TEST_F(SeriesTest, ExportRefusesWhatItCannotHold) {
  ASSERT_TRUE(base::write_file(work() / "Makefile", "edited\n"));
  EXPECT_THAT(export_series(work(), series()).error().message, HasSubstr("not committed"));
  EXPECT_THAT(export_series(folder_.path(), series()).error().message, HasSubstr("not a git tree"));
  ASSERT_TRUE(git_text(work(), {"checkout", "--quiet", "Makefile"}));
  fs::remove(series() / "0000-cover-letter.patch");
  EXPECT_THAT(export_series(work(), series()).error().message, HasSubstr("Subject:"));
}

TEST_F(SeriesTest, AppliesToTheSameCommitsEveryTime) {
  ASSERT_TRUE(export_series(work(), series()));
  const auto first = apply();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->size(), 2U);
  EXPECT_FALSE(fs::exists(scratch()));
  // From the beginning, in another repository.
  const fs::path other = folder_.path() / "other";
  make_fake_base(other);
  const auto second = apply_series(*load_series(series()), other, scratch());
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(*first, *second);
}

TEST_F(SeriesTest, MovingTheTreeLeavesOtherFilesAlone) {
  ASSERT_TRUE(export_series(work(), series()));
  const auto commits = apply();
  ASSERT_TRUE(commits);
  const auto before = fs::last_write_time(repository() / "Makefile");
  ASSERT_TRUE(move_tree(repository(), commits->back()));
  EXPECT_EQ(fs::last_write_time(repository() / "Makefile"), before);
  EXPECT_EQ(base::read_file(repository() / "fs/new.c").value_or(""), "new\n");
}

TEST_F(SeriesTest, APatchThatDoesNotApplyNamesItselfAndTheHunk) {
  ASSERT_TRUE(export_series(work(), series()));
  const fs::path patch = series() / "0001-block-change-line-ten.patch";
  std::string text = *base::read_file(patch);
  const auto at = text.find("-line 10\n");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 9, "-line XX\n");
  ASSERT_TRUE(base::write_file(patch, text));
  const auto applied = apply();
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, base::ErrorCode::kInput);
  EXPECT_THAT(applied.error().message, HasSubstr("0001-block-change-line-ten.patch: does not"));
  EXPECT_THAT(applied.error().message, HasSubstr("block/bio.c, hunk 1 of 1 (@@ -7,7 +7,7 @@"));
  EXPECT_FALSE(fs::exists(scratch()));
  const auto worktrees = git_text(repository(), {"worktree", "list"});
  ASSERT_TRUE(worktrees);
  EXPECT_THAT(*worktrees, testing::Not(HasSubstr("scratch")));
}

TEST_F(SeriesTest, CheckoutRefusesToTouchSomebodysWork) {
  ASSERT_TRUE(export_series(work(), series()));
  const auto commits = apply();
  ASSERT_TRUE(commits);
  const fs::path tree = folder_.path() / "mine";
  ASSERT_TRUE(checkout_series(*commits, repository(), tree));
  EXPECT_EQ(git_commit(tree, "HEAD"), commits->back());
  EXPECT_TRUE(checkout_series(*commits, repository(), tree));  // nothing to do
  ASSERT_TRUE(base::write_file(tree / "Makefile", "edited\n"));
  EXPECT_THAT(checkout_series(*commits, repository(), tree).error().message,
              HasSubstr("not committed"));
  commit_change(tree, "Makefile", "edited\n", "mine");
  EXPECT_THAT(checkout_series(*commits, repository(), tree).error().message,
              HasSubstr("no series brought there"));
  const fs::path other = folder_.path() / "other-folder";
  ASSERT_TRUE(base::write_below(other, "file", "x"));
  EXPECT_THAT(checkout_series(*commits, repository(), other).error().message,
              HasSubstr("not a git tree"));
}

TEST_F(SeriesTest, TheSeriesFileIsChecked) {
  const fs::path empty = folder_.path() / "empty";
  EXPECT_THAT(load_series(empty).error().message, HasSubstr("no such file"));
  ASSERT_TRUE(base::write_below(empty, "series", "# nothing\n\n"));
  EXPECT_THAT(load_series(empty).error().message, HasSubstr("names no patch"));
  ASSERT_TRUE(base::write_file(empty / "series", "a.patch\n"));
  EXPECT_THAT(load_series(empty).error().message, HasSubstr("series:1"));
  ASSERT_TRUE(base::write_file(empty / "a.patch", "x"));
  ASSERT_TRUE(base::write_file(empty / "series", "a.patch\na.patch\n"));
  EXPECT_THAT(load_series(empty).error().message, HasSubstr("series:2: 'a.patch' is named twice"));
  ASSERT_TRUE(base::write_file(empty / "series", "../a.patch\n"));
  EXPECT_THAT(load_series(empty).error().message, HasSubstr("same folder"));
}

TEST(TouchedPaths, AreThoseOfTheDiffHeaders) {
  EXPECT_THAT(
      touched_paths(std::string_view("--- a/block/bio.c\n+++ b/block/bio.c\n--- /dev/null\n"
                                     "+++ b/block/new.c\nrename from x/y\nrename to x/z\n")),
      ElementsAre("block/bio.c", "block/new.c", "x/y", "x/z"));
}

TEST(FailingHunk, FallsBackToWhatGitSaid) {
  EXPECT_EQ(failing_hunk("", "nothing of the kind"), "");
  EXPECT_EQ(failing_hunk("", "error: patch failed: a/b.c:7\n"), "a/b.c:7");
}

}  // namespace
}  // namespace kairo::kernel
