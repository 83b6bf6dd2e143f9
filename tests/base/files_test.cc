// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/sha256.h"

namespace kairo::base {
namespace {

using testing::HasSubstr;

TEST(Files, ReadingNamesTheFileAndTheReason) {
  const auto dir = TempDir::create("kairo-test-");
  EXPECT_THAT(read_file(dir->path() / "absent").error().message, HasSubstr("absent: no such file"));
  EXPECT_THAT(read_file(dir->path()).error().message, HasSubstr("is a directory"));
  ASSERT_TRUE(write_file(dir->path() / "big", std::string(100, 'x')));
  EXPECT_THAT(read_file(dir->path() / "big", 99).error().message,
              HasSubstr("larger than the 99 B"));
}

TEST(Files, TempDirGoesAwayWithItsContent) {
  std::filesystem::path path;
  {
    auto dir = TempDir::create("kairo-test-");
    path = dir->path();
    ASSERT_TRUE(write_below(path / "a", "b", "x"));
    const TempDir moved = std::move(*dir);
    EXPECT_TRUE(std::filesystem::exists(moved.path()));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Files, NoSpaceIsRefusedWithFiguresAndRemedy) {
  const auto full = require_free_space("/tmp/not/there/yet", 1ULL << 62);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(full.error().message, HasSubstr("KAIRO_CACHE"));
  EXPECT_TRUE(require_free_space("/tmp", 1));
}

TEST(Files, AMissingProgramIsNamedWithItsPackage) {
  EXPECT_TRUE(require_program("sh", "dash"));
  const auto missing = require_program("no-such-program", "some-package");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("apt-get install some-package"));
}

TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const auto dir = TempDir::create("kairo-test-");
  ASSERT_TRUE(write_file(dir->path() / "f", "abc"));
  EXPECT_EQ(sha256_file(dir->path() / "f").value(), sha256("abc"));
  EXPECT_FALSE(sha256_file(dir->path() / "absent"));
}

}  // namespace

TEST(Files, FindsWhatWasBuiltBesideThisProgram) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string name =
      "../" + self.parent_path().filename().string() + "/" + self.filename().string();
  const auto found = find_beside_program({"no-such-file", name.c_str()}, "base_test");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, self);
  const auto missing = find_beside_program({"../x/no-such-file"}, "some_target");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(missing.error().message, HasSubstr("x/no-such-file: no such file"));
  EXPECT_THAT(missing.error().message, HasSubstr("--target some_target"));
}

}  // namespace kairo::base
