// SPDX-License-Identifier: GPL-2.0-only
// What fio with the engine never destroys: drives that hold something, and files that are inputs.
// Drives are loop devices of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fio_lab.h"
#include "kairo/base/process.h"

namespace kairo::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::vector<std::string> write_five(const std::string& filename) {
  return {"--name=a", "--rw=randwrite", "--number_ios=5", "--filename=" + filename};
}

class FioDrive : public testing::Test {
 protected:
  void attach() {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root for a loop device";
    ASSERT_TRUE(base::run_ok({.argv = {"truncate", "-s", "64M", lab_.path("disk").string()}}));
    const auto made =
        base::run({.argv = {"losetup", "--find", "--show", lab_.path("disk").string()}});
    if (!made || made->exit_code != 0) GTEST_SKIP() << "losetup makes no loop device here";
    loop_ = made->out.substr(0, made->out.find('\n'));
  }
  void TearDown() override {
    if (!loop_.empty()) static_cast<void>(base::run({.argv = {"losetup", "--detach", loop_}}));
  }
  [[nodiscard]] std::string disk() const { return base::read_file(lab_.path("disk")).value(); }
  FioLab lab_;
  std::string loop_;
};

TEST_F(FioDrive, AnAbsentDriveIsNoFile) {
  for (const char* const rw : {"--rw=randread", "--rw=randwrite"}) {
    const fs::path drive = "/dev/kairo-test-no-such-drive";
    auto options = write_five(drive.string());
    options[1] = rw;
    const auto refused = lab_.run(options);
    EXPECT_FALSE(fs::exists(drive));
    fs::remove(drive);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.err + refused.out, HasSubstr(drive.string() + ": no such device"));
    EXPECT_EQ(refused.total_ios(), 0U);
  }
}

TEST_F(FioDrive, WhatHoldsSomethingIsRefusedByAnyName) {
  attach();
  if (loop_.empty()) return;
  ASSERT_TRUE(base::run_ok({.argv = {"mkfs.ext4", "-q", "-L", "precious", loop_}}));
  const std::string before = disk();
  fs::create_symlink(loop_, lab_.path("by-id"));
  for (const std::string& name : {loop_, lab_.path("by-id").string()}) {
    const auto refused = lab_.run(write_five(name));
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.err + refused.out,
                AllOf(HasSubstr("filename=" + name + ": holds an ext4 file system (label"),
                      HasSubstr("allow_mounted_write=1: everything on " + name)));
  }
  // Under a loop device a file is not free either.
  EXPECT_THAT(lab_.run(write_five(lab_.path("disk").string())).err,
              HasSubstr("what " + loop_.substr(5) + " reads and writes"));
  EXPECT_EQ(disk(), before);
  auto consent = write_five(loop_);
  consent.emplace_back("--allow_mounted_write=1");
  EXPECT_EQ(lab_.run(consent).exit_code, 0);
}

// Each looks at the drive for itself, and none is in the way of another.
TEST_F(FioDrive, JobsOnOneEmptyDriveRun) {
  attach();
  if (loop_.empty()) return;
  auto options = write_five(loop_);
  options.insert(options.end(), {"--numjobs=8", "--group_reporting=1"});
  const auto result = lab_.run(options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.ios("write"), 40U);
}

TEST_F(FioDrive, StatisticsReplaceNoInput) {
  const std::string map = lab_.write("m.csv", "0,64k,decode\n");
  const auto refused = lab_.run({"--name=a", "--rw=randread", "--number_ios=5", "--kv_path=label",
                                 "--kv_map=" + map, "--kv_stats=" + map});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err + refused.out, HasSubstr("kv_stats=" + map + ": is the input " + map));
  EXPECT_EQ(base::read_file(map).value(), "0,64k,decode\n");
  const std::string data = lab_.path("data").string();
  EXPECT_THAT(lab_.run({"--name=a", "--rw=randread", "--number_ios=5", "--kv_stats=" + data}).err,
              HasSubstr("is the input " + data));
}

}  // namespace
}  // namespace kairo::engine
