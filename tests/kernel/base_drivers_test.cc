// SPDX-License-Identifier: GPL-2.0-only
// The base image: which patches it has, and that it stays what it is when the series moves around
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_tree.h"
#include "git.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/export.h"

namespace kairo::kernel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDriver =
    "block: ssd: a driver with a subject so long that git folds its header line";

// A series of a scheduler, a driver whose documentation stands below the scheduler's, and a change
// to the driver.
class BaseDriversTest : public testing::Test {
 protected:
  void SetUp() override {
    make_fake_base(repository());
    ASSERT_TRUE(git_text(repository(), {"worktree", "add", "-b", "work", work().string()}));
    ASSERT_NO_FATAL_FAILURE(commit_series());
    ASSERT_TRUE(base::write_below(series(), "0000-cover-letter.patch", "Subject: a\n\nText.\n"));
    ASSERT_TRUE(export_series(work(), series()));
    list(std::string("# comment\n") + kDriver + "\n\nblock: ssd: more\n");
  }

  void commit_series() const {
    commit_change(work(), "block/sched.c", "sched\n", "block: add a scheduler");
    commit_change(work(), "Documentation/index.rst", "sched\n", "doc: the scheduler");
    ASSERT_TRUE(base::write_file(work() / "Documentation/index.rst", "sched\nssd\n"));
    // Beside what another patch may do to the file.
    std::string bio = *base::read_file(work() / "block/bio.c");
    bio.replace(bio.find("line 10"), 7, "ssd");
    ASSERT_TRUE(base::write_file(work() / "block/bio.c", bio));
    commit_change(work(), "drivers/ssd.c", "one\n", kDriver);
    commit_change(work(), "drivers/ssd.c", "one\ntwo\n", "block: ssd: more");
    commit_change(work(), "drivers/ssd.c", "one\ntwo\nof the scheduler\n", "block: sched: in ssd");
  }

  fs::path repository() const { return folder_.path() / "src"; }
  fs::path work() const { return folder_.path() / "work"; }
  fs::path series() const { return folder_.path() / "series"; }
  void list(const std::string& text) const {
    ASSERT_TRUE(base::write_file(series() / "base-drivers", text));
  }
  base::Result<Series> drivers() const {
    const auto whole = load_series(series());
    EXPECT_TRUE(whole);
    return base_drivers(*whole);
  }

  base::TempDir folder_ = *base::TempDir::create("kairo-base-drivers-");
};

TEST_F(BaseDriversTest, ApplyOnThePristineBaseAndBringNothingElse) {
  const auto found = drivers();
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->patches.size(), 2U);
  const auto commits = apply_series(*found, repository(), folder_.path() / "scratch");
  ASSERT_TRUE(commits) << commits.error().message;
  const auto changed = git_text(repository(), {"diff", "--name-only", "base", commits->back()});
  EXPECT_EQ(changed.value_or(""), "block/bio.c\ndrivers/ssd.c");
  const auto file = git_text(repository(), {"show", commits->back() + ":drivers/ssd.c"});
  EXPECT_EQ(file.value_or(""), "one\ntwo");
}

TEST_F(BaseDriversTest, AreTheSameWhenTheSeriesAroundThemChanges) {
  const std::string before = drivers()->id();
  // Ten patches in front, of which one is in a file of the driver's: "[PATCH 13/15]" now.
  ASSERT_TRUE(git_text(work(), {"reset", "--quiet", "--hard", "base"}));
  commit_change(work(), "block/bio.c", twenty_lines(20, "twenty"), "block: change line twenty");
  for (int i = 0; i < 9; ++i)
    commit_change(work(), "fs/read.c", twenty_lines(3, std::to_string(i)), "fs: change");
  ASSERT_NO_FATAL_FAILURE(commit_series());
  ASSERT_TRUE(export_series(work(), series()));
  EXPECT_EQ(drivers()->id(), before);
  const std::string whole = load_series(series())->id();
  EXPECT_NE(base_image_series(*drivers()), whole);
  ASSERT_TRUE(git_text(work(), {"reset", "--quiet", "--hard", "HEAD~2"}));
  commit_change(work(), "drivers/ssd.c", "one\nthree\n", "block: ssd: more");
  ASSERT_TRUE(export_series(work(), series()));
  EXPECT_NE(drivers()->id(), before);
}

TEST_F(BaseDriversTest, TheListIsChecked) {
  list("block: ssd: more\nblock: ssd: less\n");
  EXPECT_THAT(drivers().error().message,
              AllOf(HasSubstr("base-drivers:2: 'block: ssd: less'"), HasSubstr("no patch")));
  list("# nothing\n");
  EXPECT_THAT(drivers().error().message, HasSubstr("names no patch"));
  fs::remove(series() / "base-drivers");
  EXPECT_THAT(drivers().error().message, HasSubstr("base-drivers"));
}

// What the published series says of itself.
TEST(BaseDrivers, OfTheSeriesTouchTheDriverAlone) {
  const auto whole = load_series(fs::path(KAIRO_SOURCE_DIR) / "kernel/series/6.12");
  ASSERT_TRUE(whole) << whole.error().message;
  const auto found = base_drivers(*whole);
  ASSERT_TRUE(found) << found.error().message;
  for (const std::string& path : touched_paths(*found))
    EXPECT_TRUE(path.starts_with("drivers/block/")) << path;
  for (const Patch& patch : found->patches)
    EXPECT_THAT(
        patch.text,
        AllOf(HasSubstr("Subject: [PATCH] " + patch.name + "\n"), Not(HasSubstr("\nindex ")),
              // Of the series they use nothing.
              Not(HasSubstr("linux/kairo.h")), Not(HasSubstr("IOPRIO_HINT_KV"))));
}

// Images in a cache, and the series as it is published.
TEST(CurrentImage, IsOneOfTheSeriesAsItIsNow) {
  const auto whole = load_series(fs::path(KAIRO_SOURCE_DIR) / "kernel/series/6.12");
  ASSERT_TRUE(whole);
  const base::TempDir cache = *base::TempDir::create("kairo-cache-");
  const ScopedEnv environment("KAIRO_CACHE", cache.path().string());
  const auto leave = [&](const char* build, const std::string& series) {
    ASSERT_TRUE(
        base::write_below(cache.path(), fs::path("6.12") / build / "arch/x86/boot/bzImage", "x"));
    ASSERT_TRUE(base::write_file(cache.path() / "6.12" / build / "kairo-build-id",
                                 "base_commit=1\nseries=" + series + "\nconfig=2\n"));
  };
  EXPECT_THAT(current_image("base").error().message, HasSubstr("not built"));
  leave("base/build/lab", base_image_series(*base_drivers(*whole)));
  leave("build/lab", whole->id());
  EXPECT_TRUE(current_image("base"));
  EXPECT_TRUE(current_image("lab"));
  leave("base/build/lab", "base-123456789abc");
  leave("build/lab", "123456789abc");
  EXPECT_THAT(current_image("base").error().message,
              AllOf(HasSubstr("of other patches"), HasSubstr("kairo kernel build --base")));
  EXPECT_THAT(current_image("lab").error().message, HasSubstr("kairo kernel build --config lab"));
  EXPECT_TRUE(built_image("lab"));
}

}  // namespace
}  // namespace kairo::kernel
