// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/owned_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "kairo/base/files.h"

namespace kairo::base {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Owned : public testing::Test {
 protected:
  [[nodiscard]] fs::path at(const char* name) const { return dir_->path() / name; }
  [[nodiscard]] OwnedFolder folder() const { return *OwnedFolder::claim(at("out")); }
  // As a person or another program would.
  void put(const fs::path& name) const {
    ASSERT_TRUE(write_below(at("out") / name.parent_path(), name.filename(), "precious"));
  }
  [[nodiscard]] bool is_there(const char* name) const { return fs::exists(at("out") / name); }
  Result<TempDir> dir_ = TempDir::create("kairo-test-");
};

TEST_F(Owned, TakesWhatIsNewEmptyOrItsOwn) {
  EXPECT_TRUE(OwnedFolder::check(at("out")));
  EXPECT_FALSE(fs::exists(at("out")));
  ASSERT_TRUE(OwnedFolder::claim(at("out")));
  ASSERT_TRUE(OwnedFolder::claim(at("out")));
  EXPECT_TRUE(OwnedFolder::is_owned(at("out")));
  ASSERT_TRUE(make_directory(at("empty")));
  EXPECT_TRUE(OwnedFolder::claim(at("empty")));
}

TEST_F(Owned, RefusesWhatHoldsSomethingElse) {
  put("thesis.tex");
  for (const auto& refused : {OwnedFolder::check(at("out")), [&] {
                                const auto claimed = OwnedFolder::claim(at("out"));
                                return claimed ? Status{} : Status(fail(claimed.error()));
                              }()}) {
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                HasSubstr("holds what Kairo did not write (thesis.tex), and results are not"));
  }
  EXPECT_FALSE(is_there("kairo-manifest.txt"));
  EXPECT_THAT(OwnedFolder::clear(at("out")).error().message, HasSubstr("nothing is removed"));
  // Somebody else's file of that name is no manifest.
  ASSERT_TRUE(write_file(at("out/kairo-manifest.txt"), "my list\n"));
  EXPECT_FALSE(OwnedFolder::check(at("out")));
  ASSERT_TRUE(write_file(at("file"), "x"));
  EXPECT_THAT(OwnedFolder::check(at("file")).error().message, HasSubstr("is not a folder"));
}

TEST_F(Owned, ClearsWhatItWroteAndNothingElse) {
  const OwnedFolder owned = folder();
  ASSERT_TRUE(owned.write("report.md", "one"));
  ASSERT_TRUE(owned.write("report.md", "two"));
  ASSERT_TRUE(owned.write("plots/a.svg", "x"));
  ASSERT_TRUE(owned.begin("runs/mix/1"));
  put("runs/mix/1/fio.json");
  ASSERT_TRUE(owned.end("runs/mix/1"));
  put("runs/mix/1/notes.txt");
  ASSERT_TRUE(owned.begin("runs/mix/2"));
  put("runs/mix/2/half.log");
  put("mine/notes.txt");
  const auto left = OwnedFolder::clear(at("out"));
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_THAT(*left, ElementsAre("mine/notes.txt", "runs/mix/1/notes.txt"));
  for (const char* const gone : {"report.md", "plots", "runs/mix/1/fio.json", "runs/mix/2"})
    EXPECT_FALSE(is_there(gone)) << gone;
  EXPECT_EQ(read_file(at("out/mine/notes.txt")).value(), "precious");
  // It stays a folder of results, and the next ones leave the notes alone, too.
  EXPECT_TRUE(OwnedFolder::claim(at("out")));
  EXPECT_THAT(*OwnedFolder::clear(at("out")),
              ElementsAre("mine/notes.txt", "runs/mix/1/notes.txt"));
}

TEST_F(Owned, NothingIsLeftOfAFolderOfOnlyItsOwn) {
  const OwnedFolder owned = folder();
  ASSERT_TRUE(owned.write("a/b/c", "x"));
  const auto below = owned.claim_below("cost/stat");
  ASSERT_TRUE(below);
  ASSERT_TRUE(owned.claim_below("cost/stat"));
  ASSERT_TRUE(below->write("runs/x", "x"));
  EXPECT_THAT(*OwnedFolder::clear(at("out")), IsEmpty());
  EXPECT_FALSE(fs::exists(at("out")));
  put("notes.txt");
  EXPECT_FALSE(OwnedFolder::claim(at("out"))) << "a folder made anew is nobody's";
}

TEST_F(Owned, BelowItAPersonsFilesStayToo) {
  const OwnedFolder owned = folder();
  ASSERT_TRUE(owned.claim_below("cost/stat")->write("x", "x"));
  put("cost/stat/notes.txt");
  EXPECT_THAT(*OwnedFolder::clear(at("out")), ElementsAre("cost/stat/notes.txt"));
  EXPECT_FALSE(is_there("cost/stat/x"));
}

TEST_F(Owned, AFileOfAPersonIsNotReplaced) {
  const OwnedFolder owned = folder();
  put("report.md");
  EXPECT_THAT(owned.write("report.md", "ours").error().message,
              HasSubstr("report.md: was not written by Kairo, so it is not replaced"));
  fs::create_symlink(at("elsewhere"), at("out/link"));
  EXPECT_FALSE(owned.write("link", "ours"));
  EXPECT_FALSE(fs::exists(at("elsewhere")));
  put("runs/mix/1/notes.txt");
  EXPECT_FALSE(owned.begin("runs/mix/1"));
  EXPECT_EQ(read_file(at("out/report.md")).value(), "precious");
}

TEST_F(Owned, ARunThatBeginsAgainFindsItsFolderEmpty) {
  const OwnedFolder owned = folder();
  ASSERT_TRUE(owned.begin("runs/1"));
  put("runs/1/half");
  const auto again = owned.begin("runs/1");
  ASSERT_TRUE(again);
  EXPECT_TRUE(fs::is_empty(*again));
  put("runs/1/whole");
  ASSERT_TRUE(owned.end("runs/1"));
  // One that is finished, too; but not with somebody's notes in it.
  ASSERT_TRUE(owned.begin("runs/1"));
  put("runs/1/whole");
  ASSERT_TRUE(owned.end("runs/1"));
  put("runs/1/notes.txt");
  EXPECT_THAT(owned.begin("runs/1").error().message, HasSubstr("(notes.txt)"));
  EXPECT_TRUE(is_there("runs/1/notes.txt"));
}

// A result folder may come from somebody else.
TEST_F(Owned, AManifestCannotLeadOut) {
  put("x");
  ASSERT_TRUE(write_file(at("victim"), "precious"));
  for (const std::string line : {"file ../victim", "file /etc/passwd", "begin ..", "folder ../x",
                                 "file a/../../victim", "begin .", "rm x", "file"}) {
    ASSERT_TRUE(write_file(at("out/kairo-manifest.txt"), "# kairo-manifest 1\n" + line + "\n"));
    EXPECT_THAT(OwnedFolder::clear(at("out")).error().message, HasSubstr("kairo-manifest.txt:2: "))
        << line;
  }
  // Nor through a link that took the place of a folder.
  ASSERT_TRUE(make_directory(at("other")));
  ASSERT_TRUE(write_file(at("other/victim"), "precious"));
  fs::create_directory_symlink(at("other"), at("out/link"));
  ASSERT_TRUE(write_file(at("out/kairo-manifest.txt"),
                         "# kairo-manifest 1\nfile link/victim\nbegin link/victim\n"));
  EXPECT_TRUE(OwnedFolder::clear(at("out")));
  EXPECT_TRUE(fs::exists(at("other/victim")));
  EXPECT_TRUE(fs::exists(at("victim")));
}

// As on a full disk: of the line that says what is being written a part fits.
TEST_F(Owned, WhatItCannotNoteItDoesNotWrite) {
  const OwnedFolder owned = folder();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit little{fs::file_size(at("out/kairo-manifest.txt")) + 3, before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  const auto written = owned.write("report.md", "x");
  const auto begun = owned.begin("runs/1");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(written);
  EXPECT_FALSE(begun);
  EXPECT_FALSE(is_there("report.md"));
  EXPECT_FALSE(is_there("runs"));
}

TEST_F(Owned, ThreadsDoNotMixTheirLines) {
  const OwnedFolder owned = folder();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        const fs::path name = fmt::format("runs/{}/{}", i, j);
        EXPECT_TRUE(owned.begin(name));
        put(name / "fio.json");
        EXPECT_TRUE(owned.end(name));
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(*OwnedFolder::clear(at("out")), IsEmpty());
  EXPECT_FALSE(fs::exists(at("out")));
}

}  // namespace
}  // namespace kairo::base
