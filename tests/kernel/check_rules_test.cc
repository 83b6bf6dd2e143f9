// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/kernel/check.h"

namespace kairo::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTerse =
    "0005-x.patch:30: WARNING:FILE_PATH_CHANGES: added, moved or deleted file(s)\n"
    "0005-x.patch:99: CHECK:LINE_SPACING: Please don't use multiple blank lines\n"
    "total: 0 errors\n";

TEST(Checkpatch, ExceptionsExcuseTheirTypeAndPatch) {
  const auto exceptions = parse_exceptions(
      "# comment\nFILE_PATH_CHANGES 0005 the folder has its own entry\n", "exceptions");
  ASSERT_TRUE(exceptions);
  EXPECT_THAT(unexcused(kTerse, "0005-x.patch", *exceptions),
              ElementsAre("CHECK:LINE_SPACING: Please don't use multiple blank lines"));
  EXPECT_EQ(unexcused(kTerse, "0006-x.patch", *exceptions).size(), 2U);
  EXPECT_EQ(unexcused(kTerse, "0005-x.patch", {{"LINE_SPACING", "*", "why"}}).size(), 1U);
}

TEST(Checkpatch, AnExceptionNeedsAReason) {
  EXPECT_THAT(parse_exceptions("LONG_LINE 0001\n", "file").error().message, HasSubstr("file:1"));
  EXPECT_THAT(*parse_exceptions("\n# nothing\n", "file"), IsEmpty());
}

TEST(Pahole, Sizes) {
  const auto sizes = parse_pahole_sizes(
      "struct bio {\n\tint x; /* 0 4 */\n\n\t/* size: 112, cachelines: 2, members: 20 */\n};\n"
      "struct kiocb {\n\t/* size: 48, cachelines: 1, members: 9 */\n};\n");
  EXPECT_EQ(sizes, (std::map<std::string, unsigned>{{"bio", 112}, {"kiocb", 48}}));
}

TEST(BuildTargets, FoldersOfSourcesWithoutTheirParts) {
  EXPECT_THAT(build_targets("+++ b/block/kairo/main.c\n+++ b/block/Makefile\n+++ b/fs/ext4/file.c\n"
                            "+++ b/include/linux/fs.h\n+++ b/Documentation/block/x.rst\n"
                            "+++ b/MAINTAINERS\n+++ b/tools/testing/selftests/x/x_test.c\n"),
              ElementsAre("block/", "fs/ext4/"));
  EXPECT_THAT(build_targets("+++ b/include/linux/fs.h\n"), IsEmpty());
}

}  // namespace
}  // namespace kairo::kernel
