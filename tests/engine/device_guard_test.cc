// SPDX-License-Identifier: GPL-2.0-only
// What the engine says of a drive that is not free; tests/base has how it is found out.
#include "device_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"

namespace kairo::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class EngineGuard : public testing::Test {
 protected:
  base::Result<base::TempDir> dir_ = base::TempDir::create("kairo-test-");
};

TEST_F(EngineGuard, AFileIsNobodysDrive) {
  ASSERT_TRUE(base::write_file(dir_->path() / "f", "x"));
  EXPECT_TRUE(refuse_device_in_use((dir_->path() / "f").string()));
  EXPECT_TRUE(refuse_device_in_use((dir_->path() / "absent").string()));
  EXPECT_TRUE(refuse_device_in_use("/dev/null"));
}

TEST_F(EngineGuard, AFileUnderALoopDeviceIsRefusedWithTheOption) {
  const base::SystemPaths system = {dir_->path() / "sys", dir_->path() / "proc"};
  const std::string image = (dir_->path() / "image").string();
  ASSERT_TRUE(base::write_file(image, "x"));
  // Doubt first: nobody can say whether a loop device has it.
  EXPECT_THAT(refuse_device_in_use(image, system).error().message,
              HasSubstr("give allow_mounted_write=1 to write it all the same"));
  ASSERT_TRUE(base::write_below(system.sys, "block/loop4/loop/backing_file", image + "\n"));
  EXPECT_THAT(refuse_device_in_use(image, system).error().message,
              AllOf(HasSubstr("filename=" + image + ": what loop4 reads and writes"),
                    HasSubstr("allow_mounted_write=1: everything on " + image + " is lost")));
}

// The folder of the test stands in for /dev.
TEST_F(EngineGuard, WhatIsNoDeviceAmongDevicesIsRefused) {
  const fs::path& dev = dir_->path();
  EXPECT_THAT(refuse_file_among_devices((dev / "nvme9n1").string(), dev).error().message,
              HasSubstr("nvme9n1: no such device (see lsblk"));
  ASSERT_TRUE(base::write_file(dev / "nvme9n1", "left by an earlier run"));
  EXPECT_THAT(refuse_file_among_devices((dev / "nvme9n1").string(), dev).error().message,
              HasSubstr("a regular file in memory (remove it: rm "));
  fs::create_symlink("nvme8n1", dev / "by-id");
  EXPECT_FALSE(refuse_file_among_devices((dev / "by-id").string(), dev));
  // Another file system, as /dev/shm is, and devices themselves.
  EXPECT_TRUE(refuse_file_among_devices("/proc/self/no-such-file", dev));
  EXPECT_TRUE(refuse_file_among_devices((dev / "nvme9n1").string(), "/proc"));
  EXPECT_TRUE(refuse_file_among_devices("/dev/null"));
  EXPECT_FALSE(refuse_file_among_devices("/dev/kairo-no-such-drive"));
}

}  // namespace
}  // namespace kairo::engine
