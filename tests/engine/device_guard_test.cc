// SPDX-License-Identifier: GPL-2.0-only
#include "device_guard.h"

#include <gtest/gtest.h>

#include "kairo/base/files.h"

namespace kairo::engine {
namespace {

class DeviceGuard : public testing::Test {
 protected:
  void SetUp() override {
    system_ = {dir_->path() / "block", dir_->path() / "mountinfo"};
    ASSERT_TRUE(base::make_directory(system_.sys_dev_block / "8:0"));
    mounts("22 1 0:20 / /proc rw - proc proc rw\n");
  }
  void mounts(std::string_view text) { ASSERT_TRUE(base::write_file(system_.mountinfo, text)); }

  base::Result<base::TempDir> dir_ = base::TempDir::create("kairo-test-");
  SystemPaths system_;
};

TEST_F(DeviceGuard, AFreeDeviceHasNoUser) {
  EXPECT_EQ(device_user("8:0", system_), "");
}

TEST_F(DeviceGuard, AMountedDeviceIsNamedWithItsMountPoint) {
  mounts(
      "22 1 0:20 / /proc rw - proc proc rw\n"
      "30 1 8:0 / /srv/data rw,relatime shared:1 - ext4 /dev/sda rw\n");
  EXPECT_EQ(device_user("8:0", system_), "mounted on /srv/data");
  EXPECT_EQ(device_user("8:16", system_), "");
}

TEST_F(DeviceGuard, APartitionedDeviceIsNamedWithAPartition) {
  ASSERT_TRUE(base::write_file(system_.sys_dev_block / "8:0" / "sda1" / "partition", "1\n"));
  EXPECT_EQ(device_user("8:0", system_), "partitioned (sda1)");
}

TEST_F(DeviceGuard, WhatStandsAboveTheDeviceIsNamed) {
  ASSERT_TRUE(base::make_directory(system_.sys_dev_block / "8:0" / "holders" / "dm-3"));
  EXPECT_EQ(device_user("8:0", system_), "used by dm-3");
}

TEST_F(DeviceGuard, AFileIsNobodysDevice) {
  EXPECT_TRUE(refuse_device_in_use(system_.mountinfo.string(), system_));
  EXPECT_TRUE(refuse_device_in_use("/dev/null", system_));
}

}  // namespace
}  // namespace kairo::engine
