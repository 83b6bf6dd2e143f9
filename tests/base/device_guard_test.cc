// SPDX-License-Identifier: GPL-2.0-only
// Who uses a drive, from a tree that stands in for /sys and /proc.
#include "kairo/base/device_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include "kairo/base/files.h"

namespace kairo::base {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kNothing = "22 1 0:20 / /proc rw - proc proc rw\n";

class DeviceGuard : public testing::Test {
 protected:
  void SetUp() override {
    system_ = {dir_->path() / "sys", dir_->path() / "proc"};
    add("xdz", 8, 0);
    mounts(kNothing);
    put("proc/swaps", "Filename Type Size Used Priority\n");
    ASSERT_TRUE(make_directory(dir_->path() / "sys/block"));
  }
  void put(const std::string& name, std::string_view text) {
    ASSERT_TRUE(write_below(dir_->path(), name, text));
  }
  void mounts(std::string_view text) { put("proc/self/mountinfo", text); }
  // A drive, or a partition below its drive: "xdz/xdz1".
  void add(const std::string& name, unsigned major, unsigned minor) {
    const std::string folder = "sys/devices/" + name;
    put(folder + "/dev", fmt::format("{}:{}\n", major, minor));
    ASSERT_TRUE(make_directory(dir_->path() / folder / "holders"));
    if (name.find('/') != std::string::npos) put(folder + "/partition", "1\n");
    ASSERT_TRUE(make_directory(system_.sys / "dev/block"));
    fs::create_symlink(fs::path("../../devices") / name,
                       system_.sys / "dev/block" / fmt::format("{}:{}", major, minor));
  }
  // As a person reads it; "" for a free drive.
  std::string uses(unsigned major = 8, unsigned minor = 0) {
    const auto device = block_device_of(makedev(major, minor), "/no/such/drive", system_);
    if (!device) return "error: " + device.error().message;
    const auto found = listed_uses(*device, system_);
    return found ? describe(*found) : "error: " + found.error().message;
  }
  Result<TempDir> dir_ = TempDir::create("kairo-test-");
  SystemPaths system_;
};

TEST_F(DeviceGuard, AFreeDriveHasNoUser) {
  EXPECT_EQ(uses(), "");
}

TEST_F(DeviceGuard, AMountedDriveIsNamedWithItsMountPoint) {
  mounts(
      "22 1 0:20 / /proc rw - proc proc rw\n"
      "30 1 8:0 / /srv/my\\040data rw,relatime shared:1 - ext4 /dev/xdz rw\n");
  EXPECT_EQ(uses(), "mounted on /srv/my data");
  add("xdy", 8, 16);
  EXPECT_EQ(uses(8, 16), "");
}

// A file system over several drives has a number of its own.
TEST_F(DeviceGuard, AMountIsFoundByItsSource) {
  mounts("30 1 0:45 / /srv rw - btrfs /dev/xdz rw\n");
  EXPECT_EQ(uses(), "mounted on /srv");
}

TEST_F(DeviceGuard, AMountOfAnotherNamespaceIsSeen) {
  put("proc/4711/mountinfo", "30 1 8:0 / /data rw - ext4 /dev/other rw\n");
  ASSERT_TRUE(make_directory(system_.proc / "4711/ns"));
  ASSERT_TRUE(make_directory(system_.proc / "self/ns"));
  fs::create_symlink("mnt:[2]", system_.proc / "4711/ns/mnt");
  fs::create_symlink("mnt:[1]", system_.proc / "self/ns/mnt");
  EXPECT_EQ(uses(), "mounted on /data (in the mount namespace of process 4711)");
}

TEST_F(DeviceGuard, PartitionsAndTheirUsersAreNamed) {
  add("xdz/xdz1", 8, 1);
  add("xdz/xdz2", 8, 2);
  EXPECT_EQ(uses(), "partitioned (xdz1, xdz2)");
  mounts("30 1 8:2 / / rw - ext4 /dev/xdz2 rw\n");
  EXPECT_EQ(uses(), "its partition xdz2 is mounted on /; partitioned (xdz1, xdz2)");
  // The neighbour is another drive as far as data goes; the whole is not.
  EXPECT_EQ(uses(8, 1), "");
  EXPECT_EQ(uses(8, 2), "mounted on /");
  mounts("30 1 8:0 / / rw - ext4 /dev/xdz rw\n");
  EXPECT_EQ(uses(8, 1), "on xdz, which is mounted on /");
}

TEST_F(DeviceGuard, WhatStandsAboveTheDriveIsNamed) {
  ASSERT_TRUE(make_directory(system_.sys / "devices/xdz/holders/dm-3"));
  EXPECT_EQ(uses(), "held by dm-3");
  for (const auto& [uuid, what] :
       {std::pair{"LVM-x", "LVM volume"}, std::pair{"mpath-3600", "multipath drive"},
        std::pair{"CRYPT-LUKS2-x", "encrypted volume"}, std::pair{"x", "device-mapper"}}) {
    put("sys/block/dm-3/dm/name", "vg-data\n");
    put("sys/block/dm-3/dm/uuid", uuid);
    EXPECT_EQ(uses(), fmt::format("held by dm-3 ({} vg-data)", what));
  }
  fs::remove(system_.sys / "devices/xdz/holders/dm-3");
  ASSERT_TRUE(make_directory(system_.sys / "devices/xdz/holders/md0"));
  EXPECT_EQ(uses(), "held by md0 (md RAID)");
}

TEST_F(DeviceGuard, SwapInUseIsNamed) {
  put("proc/swaps",
      "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
      "/dev/xdz                               partition\t1048572\t\t0\t\t-2\n");
  EXPECT_EQ(uses(), "in use as swap");
  fs::remove(system_.proc / "swaps");  // a kernel without swap
  EXPECT_EQ(uses(), "");
}

TEST_F(DeviceGuard, TwoWindowsOnOneFileAreOne) {
  add("loop0", 7, 0);
  put("sys/devices/loop0/loop/backing_file", "/srv/image\n");
  put("sys/block/loop0/loop/backing_file", "/srv/image\n");
  EXPECT_EQ(uses(7, 0), "");
  put("sys/block/loop1/loop/backing_file", "/srv/image\n");
  put("sys/block/loop2/loop/backing_file", "/srv/other\n");
  EXPECT_EQ(uses(7, 0), "a window on /srv/image, as loop1 is");
  const auto file = file_uses("/srv/other", system_);
  ASSERT_TRUE(file);
  EXPECT_EQ(describe(*file), "what loop2 reads and writes");
}

// Doubt is no permission.
TEST_F(DeviceGuard, WhatCannotBeReadIsRefused) {
  mounts("");
  EXPECT_THAT(uses(), HasSubstr("self/mountinfo: is empty, so what is mounted is unknown"));
  fs::remove(system_.proc / "self/mountinfo");
  EXPECT_THAT(uses(), HasSubstr("self/mountinfo: cannot be read, so"));
  mounts(kNothing);
  fs::remove(system_.proc / "swaps");
  ASSERT_TRUE(make_directory(system_.proc / "swaps"));
  EXPECT_THAT(uses(), HasSubstr("swaps: cannot be read, so what is swapped to is unknown"));
  fs::remove(system_.proc / "swaps");
  fs::remove(system_.sys / "devices/xdz/holders");
  EXPECT_THAT(uses(), HasSubstr("holders: No such file or directory, so who uses the drive"));
  ASSERT_TRUE(make_directory(system_.sys / "devices/xdz/holders"));
  add("xdz/xdz1", 8, 1);
  put("sys/devices/xdz/xdz1/dev", "?\n");
  EXPECT_THAT(uses(), HasSubstr("xdz1/dev: holds no device number, so"));
  EXPECT_THAT(uses(9, 9), HasSubstr("9:9 cannot be looked at"));
}

TEST_F(DeviceGuard, AHiddenPathIsToldFromTheDrive) {
  ASSERT_TRUE(make_directory(system_.sys / "block/nvme0c1n2"));
  EXPECT_THAT(find_block_device("/no/dev/nvme0c1n2", system_).error().message,
              HasSubstr("is one path of a multipath drive (name the drive: /dev/nvme0n2)"));
  EXPECT_THAT(find_block_device("/no/dev/nvme9n1", system_).error().message,
              HasSubstr("/no/dev/nvme9n1: no such file"));
  EXPECT_THAT(find_block_device(dir_->path(), system_).error().message,
              HasSubstr("not a block device"));
}

}  // namespace
}  // namespace kairo::base
