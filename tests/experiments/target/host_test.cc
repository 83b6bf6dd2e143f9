// SPDX-License-Identifier: GPL-2.0-only
// The host target on a loop device: a real queue with the kernel's own schedulers. Needs root and a
// free loop device, else it is skipped with the reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/test_support/skip.h"
#include "target/host_device.h"
#include "target/host_runner.h"

namespace kairo::experiments {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class LoopDevice : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root for a loop device";
    const std::string image = (dir_->path() / "disk").string();
    ASSERT_TRUE(base::run_ok({.argv = {"truncate", "-s", "64M", image}}));
    const auto made = base::run({.argv = {"losetup", "--find", "--show", image}});
    if (!made || made->exit_code != 0) GTEST_SKIP() << "losetup makes no loop device here";
    path_ = made->out.substr(0, made->out.find('\n'));
    const auto device = open_host_device(path_);
    ASSERT_TRUE(device) << device.error().message;
    device_ = *device;
    if (queue("scheduler").find("mq-deadline") == std::string::npos)
      GTEST_SKIP() << test_support::kCannotBeHere << "this kernel has no mq-deadline";
  }
  void TearDown() override {
    if (!path_.empty()) static_cast<void>(base::run({.argv = {"losetup", "--detach", path_}}));
  }
  [[nodiscard]] std::string queue(const std::string& file) const {
    return base::read_file(device_.sys / "queue" / file).value_or("");
  }
  base::Result<base::TempDir> dir_ = base::TempDir::create("kairo-test-");
  std::string path_;
  HostDevice device_;
};

TEST_F(LoopDevice, SettingsComeBack) {
  const std::string scheduler = queue("scheduler");
  const std::string requests = queue("nr_requests");
  {
    auto settings = QueueSettings::save(device_);
    ASSERT_TRUE(settings) << settings.error().message;
    ASSERT_TRUE(settings->apply(
        {"a", "mq-deadline", {{"front_merges", "0"}}, {}, {{"queue/nr_requests", "17"}}}));
    EXPECT_THAT(queue("scheduler"), HasSubstr("[mq-deadline]"));
    EXPECT_EQ(settings->current().at("iosched/front_merges"), "0");
    EXPECT_EQ(settings->current().at("nr_requests"), "17");
    // The next arm starts from what was found, not from the one before.
    ASSERT_TRUE(settings->apply({"b", "mq-deadline", {}}));
    EXPECT_EQ(settings->current().at("iosched/front_merges"), "1");
    EXPECT_NE(settings->current().at("nr_requests"), "17");
  }
  EXPECT_EQ(queue("scheduler"), scheduler);
  EXPECT_EQ(queue("nr_requests"), requests);
}

TEST_F(LoopDevice, WhatTheKernelCannotDoIsLeftOutAndSaid) {
  const std::string scheduler = queue("scheduler");
  Definition definition;
  definition.base_arm = "kairo";
  definition.arms = {{"kairo", "no-such-scheduler", {}},
                     {"mq-deadline", "mq-deadline", {}},
                     {"mq-deadline-kv", "mq-deadline", {{"no_such_tunable", "1"}}}};
  const auto left_out = leave_out_impossible_arms(definition, device_);
  ASSERT_TRUE(left_out) << left_out.error().message;
  EXPECT_THAT(*left_out, ElementsAre("kairo: this kernel has no scheduler no-such-scheduler",
                                     "mq-deadline-kv: mq-deadline has no tunable no_such_tunable"));
  EXPECT_EQ(definition.base_arm, "mq-deadline");
  EXPECT_EQ(queue("scheduler"), scheduler);
}

TEST_F(LoopDevice, IsConfirmedByName) {
  EXPECT_TRUE(confirm_host_device(device_, path_));
  EXPECT_THAT(confirm_host_device(device_, "").error().message,
              AllOf(HasSubstr("everything on " + path_ + " (64 MiB; no file system"),
                    HasSubstr("will be lost: say so with --overwrite " + path_)));
  EXPECT_FALSE(confirm_host_device(device_, "/dev/null"));
}

TEST_F(LoopDevice, APartitionTableIsRefused) {
  for (const auto& [offset, mark] :
       {std::pair{510, "\x55\xaa"}, std::pair{512, "EFI PART"}, std::pair{4096, "EFI PART"}}) {
    std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(offset) << mark;
    EXPECT_THAT(open_host_device(path_).error().message,
                AllOf(HasSubstr("--device " + path_ + ": holds a partition table"),
                      HasSubstr("wipefs --all " + path_)));
    const std::string nothing(8, '\0');
    std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(offset) << nothing;
    EXPECT_TRUE(open_host_device(path_));
  }
}

TEST_F(LoopDevice, AMountedOneIsRefused) {
  ASSERT_TRUE(base::run_ok({.argv = {"mkfs.ext4", "-q", path_}}));
  const std::string mount = (dir_->path() / "mnt").string();
  ASSERT_TRUE(base::make_directory(mount));
  const auto mounted = base::run({.argv = {"mount", path_, mount}});
  ASSERT_TRUE(mounted);
  if (mounted->exit_code != 0) GTEST_SKIP() << "mount is not allowed here";
  const auto refused = open_host_device(path_);
  static_cast<void>(base::run({.argv = {"umount", mount}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("mounted on " + mount), HasSubstr("(umount it, or name another"),
                    Not(HasSubstr("allow_mounted_write"))));
}

TEST_F(LoopDevice, WhatIsOnItIsNamedAndKept) {
  fs::create_symlink(path_, dir_->path() / "by-id");
  for (const auto& [make, what] :
       {std::pair{std::vector<std::string>{"mkfs.ext4", "-q", "-F", path_}, "an ext4 file system"},
        std::pair{std::vector<std::string>{"mkswap", "--force", path_}, "a swap area"}}) {
    ASSERT_TRUE(base::run_ok({.argv = make}));
    for (const std::string& name : {path_, (dir_->path() / "by-id").string()})
      EXPECT_THAT(open_host_device(name).error().message,
                  AllOf(HasSubstr("--device " + name + ": holds " + what),
                        HasSubstr("if nothing of it is needed: wipefs --all " + path_)));
  }
  ASSERT_TRUE(base::run_ok({.argv = {"wipefs", "--quiet", "--all", path_}}));
  const auto device = open_host_device((dir_->path() / "by-id").string());
  ASSERT_TRUE(device) << device.error().message;
  EXPECT_EQ(device->path, path_);
  EXPECT_TRUE(confirm_host_device(*device, (dir_->path() / "by-id").string()));
}

// A job file that cannot be written is the error, not what fio says of its absence.
TEST_F(LoopDevice, WhatCannotBeWrittenEndsTheRun) {
  Campaign campaign;
  campaign.definition.name = "safe";
  campaign.definition.question = "Is an error told?";
  campaign.definition.base_arm = "none";
  campaign.definition.arms = {{"none", "none", {}}};
  campaign.definition.repeats = 1;
  campaign.definition.seconds = 1;
  LoadDefinition load;
  load.name = "mix";
  load.job = dir_->path() / "mix.fio";
  ASSERT_TRUE(base::write_file(load.job, "[global]\nrw=read\n[a]\n"));
  campaign.definition.loads = {load};
  const auto profile = load_profile(experiments_dir() / "profiles/reference.toml");
  ASSERT_TRUE(profile) << profile.error().message;
  campaign.profile = *profile;
  campaign.fio = "/bin/false";
  campaign.out_dir = dir_->path() / "out";
  const auto run = [&] { return run_host_campaign(campaign, device_, [](const Progress&) {}); };
  EXPECT_THAT(run().error().message, HasSubstr("fio failed"));
  fs::remove_all(campaign.out_dir / "jobs");
  ASSERT_TRUE(base::write_file(campaign.out_dir / "jobs", "in the way"));
  EXPECT_THAT(run().error().message, HasSubstr("out/jobs: cannot be created"));
}

TEST(HostDevice, RefusesWhatIsNoDrive) {
  EXPECT_THAT(open_host_device("/dev/null").error().message, HasSubstr("not a block device"));
  EXPECT_THAT(open_host_device("/no/such").error().message, HasSubstr("no such file"));
}

}  // namespace
}  // namespace kairo::experiments
