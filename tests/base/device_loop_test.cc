// SPDX-License-Identifier: GPL-2.0-only
// The guard on loop devices of the test's own, against what this kernel says. Needs root.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "kairo/base/device_guard.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo::base {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class DeviceLoop : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root for a loop device";
    image_ = (dir_->path() / "disk").string();
    ASSERT_TRUE(run_ok({.argv = {"truncate", "-s", "64M", image_}}));
    loop_ = attach(image_);
    if (loop_.empty()) GTEST_SKIP() << "losetup makes no loop device here";
  }
  void TearDown() override {
    for (auto at = loops_.rbegin(); at != loops_.rend(); ++at)
      static_cast<void>(run({.argv = {"losetup", "--detach", *at}}));
  }
  std::string attach(const std::string& file) {
    const auto made = run({.argv = {"losetup", "--find", "--show", file}});
    if (!made || made->exit_code != 0) return {};
    loops_.push_back(made->out.substr(0, made->out.find('\n')));
    return loops_.back();
  }
  static std::string uses(const fs::path& path) {
    const auto device = find_block_device(path);
    if (!device) return "error: " + device.error().message;
    const auto found = device_uses(*device);
    return found ? describe(*found) : "error: " + found.error().message;
  }
  Result<TempDir> dir_ = TempDir::create("kairo-test-");
  std::string image_;
  std::string loop_;
  std::vector<std::string> loops_;
};

TEST_F(DeviceLoop, LinksLeadToTheDrive) {
  EXPECT_EQ(uses(loop_), "");
  const fs::path link = dir_->path() / "by-id";
  fs::create_symlink(loop_, link);
  const auto device = find_block_device(link);
  ASSERT_TRUE(device) << device.error().message;
  EXPECT_EQ(device->path, loop_);
  EXPECT_EQ("/dev/" + device->name, loop_);
}

TEST_F(DeviceLoop, AMountIsSeenAlsoFromOutside) {
  ASSERT_TRUE(run_ok({.argv = {"mkfs.ext4", "-q", loop_}}));
  EXPECT_EQ(uses(loop_), "holds an ext4 file system");
  const std::string mnt = (dir_->path() / "mnt").string();
  ASSERT_TRUE(make_directory(mnt));
  const auto mounted = run({.argv = {"mount", loop_, mnt}});
  if (!mounted || mounted->exit_code != 0) GTEST_SKIP() << "mount is not allowed here";
  const std::string seen = uses(loop_);
  const auto alone = exclusive_uses(loop_);
  EXPECT_TRUE(run_ok({.argv = {"umount", mnt}}));
  EXPECT_EQ(seen, "mounted on " + mnt + "; holds an ext4 file system");
  // What no list tells the kernel knows.
  ASSERT_TRUE(alone) << alone.error().message;
  ASSERT_EQ(alone->size(), 1U);
  EXPECT_THAT(alone->front().what, HasSubstr("held exclusively by the kernel"));
  EXPECT_TRUE(exclusive_uses(loop_)->empty());
}

// Who has it is in no list, as of a mount that cannot be seen from here.
TEST_F(DeviceLoop, AUserThatNoListTellsIsSeen) {
  const int held = ::open(loop_.c_str(), O_RDONLY | O_EXCL | O_CLOEXEC);
  ASSERT_GE(held, 0);
  const std::string seen = uses(loop_);
  ::close(held);
  EXPECT_THAT(seen, HasSubstr("held exclusively by the kernel"));
  EXPECT_EQ(uses(loop_), "");
}

TEST_F(DeviceLoop, AFileUnderALoopDeviceIsInUse) {
  const auto file = file_uses(image_);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(describe(*file), "what " + loop_.substr(5) + " reads and writes");
  EXPECT_TRUE(file_uses(dir_->path() / "other")->empty());
  const std::string second = attach(image_);
  if (second.empty()) GTEST_SKIP() << "no second loop device";
  EXPECT_EQ(uses(loop_), "a window on " + image_ + ", as " + second.substr(5) + " is");
}

TEST_F(DeviceLoop, AWindowOnAMountedDriveIsInUse) {
  ASSERT_TRUE(run_ok({.argv = {"mkfs.ext4", "-q", loop_}}));
  const std::string window = attach(loop_);
  if (window.empty()) GTEST_SKIP() << "no second loop device";
  const std::string mnt = (dir_->path() / "mnt").string();
  ASSERT_TRUE(make_directory(mnt));
  const auto mounted = run({.argv = {"mount", loop_, mnt}});
  if (!mounted || mounted->exit_code != 0) GTEST_SKIP() << "mount is not allowed here";
  const std::string seen = uses(window);
  EXPECT_TRUE(run_ok({.argv = {"umount", mnt}}));
  EXPECT_THAT(seen,
              AllOf(HasSubstr("a window on " + loop_.substr(5) + ", which is mounted on " + mnt),
                    HasSubstr("holds an ext4 file system")));
}

}  // namespace
}  // namespace kairo::base
