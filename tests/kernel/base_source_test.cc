// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/base_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_tree.h"
#include "git.h"
#include "kairo/base/process.h"
#include "kairo/base/sha256.h"

namespace kairo::kernel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kDigestA(64, 'a');
const std::string kDigestB(64, 'b');

TEST(BaseFile, KnownAnswers) {
  const auto versions =
      parse_base_file("# comment\n\n6.12.9-1 " + kDigestA + " " + kDigestB + "\n", "BASE");
  ASSERT_TRUE(versions);
  ASSERT_EQ(versions->size(), 1U);
  EXPECT_EQ(versions->front().version, "6.12.9-1");
  EXPECT_EQ(versions->front().tarball_sha256, kDigestB);
  EXPECT_THAT(parse_base_file("# x\n6.12.9-1 abc def\n", "BASE").error().message,
              HasSubstr("BASE:2"));
  EXPECT_THAT(parse_base_file("# x\n", "BASE").error().message, HasSubstr("names no version"));
}

TEST(BaseChoice, PrefersTheNewestTested) {
  const std::vector<BaseVersion> tested = {{"3", kDigestA, kDigestA}, {"1", kDigestA, kDigestA}};
  EXPECT_EQ(choose_base(tested, {"4", "3", "2", "1"}, {})->version, "3");
  EXPECT_EQ(choose_base(tested, {"4"}, {"1"})->version, "1");
  const auto untested = choose_base(tested, {"5", "4"}, {});
  ASSERT_TRUE(untested);
  EXPECT_EQ(untested->version, "5");
  EXPECT_FALSE(untested->tested);
  EXPECT_FALSE(choose_base(tested, {}, {}));
}

TEST(Madison, VersionsInOrderWithoutRepeats) {
  EXPECT_THAT(parse_madison("p | 2-1 | http://x suite/main amd64 Packages\n"
                            "p | 2-1 | http://y suite/main amd64 Packages\n"
                            "p | 1-1 | http://x suite/main amd64 Packages\nN: noise\n"),
              ElementsAre("2-1", "1-1"));
}

// A package of three files in place of the kernel's, and an apt that hands it out.
class FetchTest : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path tree = folder_.path() / "linux-source-6.12";
    ASSERT_TRUE(base::write_below(tree, "Makefile", "all:\n"));
    ASSERT_TRUE(base::write_file(tree / ".gitignore", "*.o\n"));
    ASSERT_TRUE(base::write_file(tree / "kept.o", "ignored by git, part of the source\n"));
    const fs::path package = folder_.path() / "package";
    fs::create_directories(package / "usr/src");
    fs::create_directories(package / "DEBIAN");
    const fs::path tarball = package / "usr/src/linux-source-6.12.tar.xz";
    ASSERT_TRUE(base::run_ok({.argv = {"tar", "cJf", tarball.string(), "linux-source-6.12"},
                              .directory = folder_.path()}));
    ASSERT_TRUE(base::write_file(package / "DEBIAN/control",
                                 "Package: linux-source-6.12\nVersion: 6.12.9-1\nArchitecture: "
                                 "all\nMaintainer: nobody <n@localhost>\nDescription: test\n"));
    ASSERT_TRUE(base::run_ok({.argv = {"dpkg-deb", "--build", package.string(), deb().string()}}));
    tarball_sha256_ = *base::sha256_file(tarball);
    write_base("6.12.9-1", *base::sha256_file(deb()), tarball_sha256_);
    write_apt(true);
  }

  void write_apt(bool offers) {
    write_executable(
        folder_.path() / "bin/apt-cache",
        offers ? "echo 'linux-source-6.12 | 6.12.9-1 | http://x s/main Packages'\n" : "exit 0\n");
    write_executable(folder_.path() / "bin/apt-get",
                     "case \"$*\" in *download*) cp " + deb().string() +
                         " linux-source-6.12_6.12.9-1_all.deb;; *) echo 'Err: no network'; exit "
                         "100;; esac\n");
  }
  void write_base(const std::string& version, const std::string& deb_digest,
                  const std::string& tar_digest) {
    ASSERT_TRUE(
        base::write_file(base_file(), version + " " + deb_digest + " " + tar_digest + "\n"));
  }
  base::Result<FetchResult> fetch(std::uint64_t needed = 1U << 20) {
    const ScopedEnv path("PATH", (folder_.path() / "bin").string() + ":" + std::getenv("PATH"));
    return fetch_base(
        paths_, base_file(), [](std::string_view) {}, needed);
  }
  fs::path deb() const { return folder_.path() / "the.deb"; }
  fs::path base_file() const { return folder_.path() / "BASE"; }

  base::TempDir folder_ = *base::TempDir::create("kairo-fetch-");
  CachePaths paths_ = cache_paths(folder_.path() / "cache");
  std::string tarball_sha256_;
};

TEST_F(FetchTest, UnpacksOnceIntoTheSameCommitEverywhere) {
  const auto first = fetch();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->tested);
  EXPECT_FALSE(first->was_there);
  EXPECT_TRUE(fs::exists(paths_.main.src / "kept.o"));
  const auto again = fetch();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->was_there);
  EXPECT_EQ(again->version, "6.12.9-1");
  paths_ = cache_paths(folder_.path() / "other cache");
  const auto elsewhere = fetch();
  ASSERT_TRUE(elsewhere) << elsewhere.error().message;
  EXPECT_EQ(elsewhere->commit, first->commit);
}

TEST_F(FetchTest, AnInterruptedUnpackingIsRedone) {
  ASSERT_TRUE(base::write_below(paths_.main.src.string() + ".partial", "half", "x"));
  ASSERT_TRUE(base::write_below(paths_.main.src, "no git here", "x"));
  const auto result = fetch();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(fs::exists(paths_.main.src / "no git here"));
  EXPECT_FALSE(fs::exists(paths_.main.src / "half"));
}

TEST_F(FetchTest, ATreeWithoutTheTagMayHoldWorkAndIsKept) {
  make_fake_base(paths_.main.src);
  ASSERT_TRUE(
      base::run_ok({.argv = {"git", "-C", paths_.main.src.string(), "tag", "--delete", "base"}}));
  const auto result = fetch();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("may hold work of yours"));
  EXPECT_TRUE(fs::exists(paths_.main.src / "block/bio.c"));
}

TEST_F(FetchTest, AnotherSha256IsRefused) {
  write_base("6.12.9-1", kDigestA, tarball_sha256_);
  const auto package = fetch();
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().code, base::ErrorCode::kInput);
  EXPECT_THAT(package.error().message, HasSubstr("SHA-256 is"));
  EXPECT_THAT(package.error().message, HasSubstr(kDigestA));
  write_base("6.12.9-1", *base::sha256_file(deb()), kDigestB);
  EXPECT_THAT(fetch().error().message, HasSubstr("tar.xz: SHA-256 is"));
  EXPECT_FALSE(fs::exists(paths_.main.src));
}

TEST_F(FetchTest, AnUntestedVersionIsTakenAndSaidSo) {
  write_base("6.12.8-1", kDigestA, kDigestB);
  const auto result = fetch();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->version, "6.12.9-1");
  EXPECT_FALSE(result->tested);
}

TEST_F(FetchTest, APackageAptDoesNotHave) {
  write_apt(false);
  const auto result = fetch();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(result.error().message, HasSubstr("apt has no package linux-source-6.12"));
  EXPECT_THAT(result.error().message, HasSubstr("Err: no network"));
}

TEST_F(FetchTest, NoSpace) {
  const auto result = fetch(1ULL << 60);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(result.error().message, HasSubstr("needed"));
}

}  // namespace
}  // namespace kairo::kernel
