// SPDX-License-Identifier: GPL-2.0-only
// Where a report is written, and what it never replaces.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder_fixture.h"
#include "kairo/base/owned_folder.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A result of an earlier version, or a copy: it has no manifest, and gets its report all the same.
TEST(ReportFiles, GoBesideTheResult) {
  const testing::FolderCopy copy("campaign");
  ASSERT_TRUE(compare_folders({copy.path()}, "", copy.path()));
  EXPECT_TRUE(fs::exists(copy.path() / "report.md"));
  EXPECT_FALSE(base::OwnedFolder::is_owned(copy.path()));
}

TEST(ReportFiles, GoToAFolderOfTheirOwn) {
  const testing::FolderCopy copy("campaign");
  const auto dir = base::TempDir::create("kairo-report-");
  const fs::path out = dir->path() / "out";
  ASSERT_TRUE(compare_folders({copy.path()}, "", out));
  ASSERT_TRUE(compare_folders({copy.path()}, "", out, true));
  EXPECT_TRUE(fs::exists(out / "report.html"));
  EXPECT_TRUE(base::OwnedFolder::clear(out)->empty());
  EXPECT_FALSE(fs::exists(out));
}

TEST(ReportFiles, ReplaceNothingOfOthers) {
  const testing::FolderCopy copy("campaign");
  const auto dir = base::TempDir::create("kairo-report-");
  ASSERT_TRUE(base::write_file(dir->path() / "metrics.csv", "precious"));
  const auto refused = compare_folders({copy.path()}, "", dir->path());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("holds what Kairo did not write (metrics.csv)"));
  EXPECT_EQ(base::read_file(dir->path() / "metrics.csv").value(), "precious");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir->path()), fs::directory_iterator()), 1);
}

TEST(ReportFiles, NoRightToWriteIsNoFullDisk) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be somebody else";
  const testing::FolderCopy copy("campaign");
  ASSERT_EQ(::chmod(copy.path().parent_path().c_str(), 0755), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto refused = compare_folders({copy.path()}, "", copy.path());
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("permission denied (name a place"));
}

}  // namespace
}  // namespace kairo::reports
