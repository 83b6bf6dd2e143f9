// SPDX-License-Identifier: GPL-2.0-only
#include "polling.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kairo/base/files.h"

namespace kairo::engine {
namespace {

namespace fs = std::filesystem;

// A drive with a partition, and /sys/dev/block with an entry for the drive of the test's files.
class Polling : public testing::Test {
 protected:
  void SetUp() override {
    drive_ = dir_->path() / "devices/nvme0n1";
    ASSERT_TRUE(base::make_directory(drive_ / "nvme0n1p1"));
    ASSERT_TRUE(base::make_directory(drive_ / "queue"));
    ASSERT_TRUE(base::make_directory(dev_block_));
    struct stat status {};
    ASSERT_EQ(stat(dir_->path().c_str(), &status), 0);
    entry_ = dev_block_ / fmt::format("{}:{}", major(status.st_dev), minor(status.st_dev));
  }
  void io_poll(const char* text) { ASSERT_TRUE(base::write_file(drive_ / "queue/io_poll", text)); }
  [[nodiscard]] std::optional<bool> ask() const {
    return can_poll(dir_->path().string(), dev_block_);
  }

  base::Result<base::TempDir> dir_ = base::TempDir::create("kairo-test-");
  fs::path dev_block_ = dir_->path() / "dev_block";
  fs::path drive_;
  fs::path entry_;
};

TEST_F(Polling, TheDriveOfAFileSaysIt) {
  fs::create_symlink(drive_, entry_);
  io_poll("1\n");
  EXPECT_EQ(ask(), true);
  io_poll("0\n");
  EXPECT_EQ(ask(), false);
}

TEST_F(Polling, APartitionHasTheQueueOfItsDrive) {
  fs::create_symlink(drive_ / "nvme0n1p1", entry_);
  io_poll("1\n");
  EXPECT_EQ(ask(), true);
  io_poll("0\n");
  EXPECT_EQ(ask(), false);
}

TEST_F(Polling, WhatTheSystemDoesNotSayIsNotKnown) {
  EXPECT_EQ(ask(), std::nullopt);  // no entry, as for a file system of several drives
  fs::create_symlink(drive_, entry_);
  EXPECT_EQ(ask(), std::nullopt);  // no io_poll
  EXPECT_EQ(can_poll((dir_->path() / "absent").string(), dev_block_), std::nullopt);
}

}  // namespace
}  // namespace kairo::engine
