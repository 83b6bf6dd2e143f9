// SPDX-License-Identifier: GPL-2.0-only
// Devices are copies made with mknod in a folder of the test: nothing here names one of /dev.
#include "kairo/base/file_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo::base {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FileWriter : public testing::Test {
 protected:
  // A device file of the test's own; skipped where it cannot be made or opened.
  fs::path device(const char* name, mode_t kind, unsigned major, unsigned minor) {
    const fs::path file = at(name);
    if (::mknod(file.c_str(), kind | 0666, ::makedev(major, minor)) != 0) return {};
    return file;
  }
  [[nodiscard]] fs::path at(const char* name) const { return dir_->path() / name; }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(dir_->path()), fs::directory_iterator()));
  }
  Result<TempDir> dir_ = TempDir::create("kairo-test-");
};

TEST_F(FileWriter, WhatIsWrittenIsRead) {
  ASSERT_TRUE(write_file(at("f"), "one\n"));
  ASSERT_TRUE(write_file(at("f"), "two\n"));
  EXPECT_EQ(read_file(at("f")).value(), "two\n");
  EXPECT_EQ(entries(), 1U) << "a temporary file stayed";
  ASSERT_TRUE(write_below(dir_->path() / "a", "b/c", "x"));
  EXPECT_EQ(read_file(at("a/b/c")).value(), "x");
}

TEST_F(FileWriter, AFileThatIsReplacedKeepsItsMode) {
  ASSERT_TRUE(write_file(at("f"), "one"));
  ASSERT_EQ(::chmod(at("f").c_str(), 0640), 0);
  ASSERT_TRUE(write_file(at("f"), "two"));
  struct stat found {};
  ASSERT_EQ(::stat(at("f").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0640U);
}

TEST_F(FileWriter, ACharacterDeviceIsWrittenThrough) {
  const fs::path null = device("null", S_IFCHR, 1, 3);
  if (null.empty()) GTEST_SKIP() << "no right to mknod";
  const auto written = write_file(null, "gone\n");
  EXPECT_TRUE(fs::is_character_file(null));
  if (!written) GTEST_SKIP() << "devices cannot be opened here: " << written.error().message;
  EXPECT_EQ(entries(), 1U);
}

TEST_F(FileWriter, APipeIsWrittenThrough) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = read_file(at("pipe")).value_or("nothing"); });
  EXPECT_TRUE(write_file(at("pipe"), "through\n"));
  // A reader that nobody wrote to would wait for ever.
  if (!fs::is_fifo(at("pipe"))) std::abort();
  reader.join();
  EXPECT_EQ(got, "through\n");
}

TEST_F(FileWriter, ADriveIsRefused) {
  // Of a number that no driver has, and never opened.
  const fs::path drive = device("drive", S_IFBLK, 240, 77);
  if (drive.empty()) GTEST_SKIP() << "no right to mknod";
  EXPECT_THAT(write_file(drive, "x").error().message,
              HasSubstr("drive: is a drive, whose content"));
  EXPECT_TRUE(fs::is_block_file(drive));
}

TEST_F(FileWriter, LinksStayAndLeadToWhatIsWritten) {
  ASSERT_TRUE(write_below(dir_->path() / "deep", "target", "old"));
  fs::create_symlink("deep/target", at("link"));
  fs::create_symlink("link", at("link-to-link"));
  ASSERT_TRUE(write_file(at("link-to-link"), "new"));
  EXPECT_TRUE(fs::is_symlink(at("link-to-link")));
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_EQ(read_file(at("deep/target")).value(), "new");
  // One that leads to nothing yet.
  fs::create_symlink("deep/later", at("dangling"));
  ASSERT_TRUE(write_file(at("dangling"), "made"));
  EXPECT_TRUE(fs::is_symlink(at("dangling")));
  EXPECT_EQ(read_file(at("deep/later")).value(), "made");
  fs::create_symlink("circle", at("circle"));
  EXPECT_FALSE(write_file(at("circle"), "x"));
}

TEST_F(FileWriter, AMissingFolderIsNamedWithTheRemedyAndNotMade) {
  const auto refused = write_file(at("no/such/file"), "x");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("the folder " + at("no/such").string() +
                                                 " does not exist (make it: mkdir"));
  EXPECT_FALSE(fs::exists(at("no")));
  EXPECT_FALSE(check_output(at("no/such/file")));
  EXPECT_THAT(write_file(dir_->path(), "x").error().message, HasSubstr("is a folder"));
  ASSERT_TRUE(write_file(at("f"), "x"));
  EXPECT_THAT(write_file(at("f/g"), "x").error().message, HasSubstr("Not a directory"));
}

TEST_F(FileWriter, AnInputIsNeverTheOutput) {
  ASSERT_TRUE(write_file(at("in"), "precious"));
  fs::create_hard_link(at("in"), at("hard"));
  fs::create_symlink("in", at("soft"));
  for (const char* const name : {"in", "hard", "soft", "../in"}) {
    const fs::path out = name[0] == '.' ? dir_->path() / "x" / name : at(name);
    ASSERT_TRUE(make_directory(at("x")));
    EXPECT_FALSE(check_output(out, {at("in")})) << name;
    const auto refused = write_file(out, "lost", {at("other"), at("in")});
    ASSERT_FALSE(refused) << name;
    EXPECT_THAT(refused.error().message, HasSubstr("is the input " + at("in").string()));
  }
  EXPECT_EQ(read_file(at("in")).value(), "precious");
  EXPECT_TRUE(write_file(at("out"), "x", {at("in"), at("absent")}));
}

TEST_F(FileWriter, NoRightToWriteIsSaidSo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be somebody else";
  ASSERT_TRUE(write_file(at("f"), "old"));
  ASSERT_EQ(::chmod(dir_->path().c_str(), 0755), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto replaced = write_file(at("f"), "new");
  const auto made = write_file(at("g"), "new");
  const auto folder = make_directory(at("h"));
  ASSERT_EQ(::seteuid(0), 0);
  for (const Status& refused : {replaced, made, folder}) {
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("permission denied"));
  }
  EXPECT_EQ(read_file(at("f")).value(), "old");
  // A folder that one may write to does not make its read-only files one's own.
  ASSERT_EQ(::chmod(dir_->path().c_str(), 0777), 0);
  ASSERT_EQ(::chmod(at("f").c_str(), 0444), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto read_only = write_file(at("f"), "new");
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_FALSE(read_only);
  EXPECT_EQ(read_file(at("f")).value(), "old");
}

TEST_F(FileWriter, AFullDiskIsSaidSoAndLosesNothing) {
  ASSERT_TRUE(make_directory(at("mnt")));
  const auto mounted =
      run({.argv = {"mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", at("mnt").string()}});
  if (!mounted || mounted->exit_code != 0) GTEST_SKIP() << "no right to mount";
  EXPECT_TRUE(write_file(at("mnt/f"), "old"));
  const auto full = write_file(at("mnt/f"), std::string(1 << 20, 'x'));
  EXPECT_EQ(read_file(at("mnt/f")).value_or(""), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(at("mnt")), fs::directory_iterator()), 1);
  EXPECT_TRUE(run_ok({.argv = {"mount", "-o", "remount,ro", at("mnt").string()}}));
  const auto read_only = write_file(at("mnt/g"), "x");
  EXPECT_TRUE(run_ok({.argv = {"umount", at("mnt").string()}}));
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message, HasSubstr("the disk is full: "));
  ASSERT_FALSE(read_only);
  EXPECT_THAT(read_only.error().message, HasSubstr("read-only"));
}

// As on a full disk, but for anybody: after a part of it the kernel takes no more.
TEST_F(FileWriter, AWriteThatEndsHalfWayLosesNothing) {
  ASSERT_TRUE(write_file(at("f"), "old"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit little{4096, before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  const auto written = write_file(at("f"), std::string(1 << 20, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("f: cannot be written: File too large"));
  EXPECT_EQ(read_file(at("f")).value(), "old");
  EXPECT_EQ(entries(), 1U) << "a temporary file stayed";
}

// `-o /dev/stdout > file`: between the program's other lines, in the file that the shell opened.
TEST_F(FileWriter, TheProgramsOwnOutputIsAppendedTo) {
  const int saved = ::dup(STDOUT_FILENO);
  const int file = ::open(at("out").c_str(), O_RDWR | O_CREAT, 0600);
  std::fflush(stdout);
  ::dup2(file, STDOUT_FILENO);
  std::printf("before\n");
  const auto written = write_file("/proc/self/fd/1", "content\n");
  std::printf("after\n");
  std::fflush(stdout);
  ::dup2(saved, STDOUT_FILENO);
  ::close(saved);
  ::close(file);
  EXPECT_TRUE(written) << written.error().message;
  EXPECT_EQ(read_file(at("out")).value(), "before\ncontent\nafter\n");
}

}  // namespace
}  // namespace kairo::base
