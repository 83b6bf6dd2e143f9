// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/inspect/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "kairo/base/files.h"

namespace kairo::inspect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Captured trees (provenance.txt says of what).
const fs::path kCaptured = fs::path(KAIRO_SOURCE_DIR) / "tests/fixtures/inspect";

DeviceFacts facts_of(const char* tree, const char* name) {
  const auto facts = read_sysfs_facts(kCaptured / tree, name);
  EXPECT_TRUE(facts) << (facts ? "" : facts.error().message);
  return facts ? *facts : DeviceFacts{};
}

std::string value(const DeviceFacts& device, const char* group, const char* name) {
  const std::string* const found = device.find(group, name);
  return found == nullptr ? "n/a" : *found;
}

TEST(Device, ReadsQueueLimitsOfACapturedTree) {
  const DeviceFacts device = facts_of("nvme", "/dev/nvme0n1");
  EXPECT_EQ(device.name, "nvme0n1");
  EXPECT_TRUE(device.is_nvme);
  EXPECT_EQ(value(device, "device", "model"), "QEMU NVMe Ctrl");
  EXPECT_EQ(value(device, "device", "size"), "524288");
  EXPECT_EQ(value(device, "queue", "hardware_queues"), "1");
  EXPECT_EQ(value(device, "zones", "model"), "none");
  // not in a 6.12 kernel: n/a and not 0
  EXPECT_EQ(value(device, "streams", "max_write_streams"), "n/a");
  EXPECT_THAT(to_text(device, {}), HasSubstr("max_write_streams          n/a\n"));
}

TEST(Device, KnowsZones) {
  const DeviceFacts device = facts_of("nvme", "nvme1n1");
  EXPECT_EQ(value(device, "zones", "model"), "host-managed");
  EXPECT_EQ(value(device, "zones", "zones"), "64");
  EXPECT_EQ(value(device, "zones", "zone_size"), "8192");
  EXPECT_EQ(value(device, "zones", "max_open_zones"), "16");
  EXPECT_THAT(advise(device), Contains(Field(&Advice::reason, HasSubstr("evict whole zones"))));
}

TEST(Device, KnowsWriteStreamsOfANewerKernel) {
  const DeviceFacts device = facts_of("virtio", "vda");
  EXPECT_FALSE(device.is_nvme);
  EXPECT_EQ(value(device, "streams", "max_write_streams"), "0");
  EXPECT_EQ(value(device, "queue", "tags"), "128");
}

TEST(Device, RefusesWhatIsNoDisk) {
  const auto tree = base::TempDir::create("kairo-inspect-");
  ASSERT_TRUE(tree);
  const fs::path sys = tree->path();
  ASSERT_TRUE(base::write_below(sys, "devices/pci/nvme0n1/nvme0n1p1/partition", "1\n"));
  ASSERT_TRUE(base::make_directory(sys / "class/block"));
  ASSERT_TRUE(base::make_directory(sys / "class/nvme/nvme0"));
  fs::create_directory_symlink("../../devices/pci/nvme0n1/nvme0n1p1",
                               sys / "class/block/nvme0n1p1");
  const auto refusal = [&](const char* name) {
    const auto facts = read_sysfs_facts(sys, name);
    EXPECT_FALSE(facts);
    EXPECT_EQ(facts.error().code, base::ErrorCode::kInput);
    return facts.error().message;
  };
  EXPECT_THAT(refusal("/dev/nvme0n1p1"), HasSubstr("is a partition (give the disk: nvme0n1)"));
  EXPECT_THAT(refusal("/dev/nvme0"), HasSubstr("is a controller (give a namespace: nvme0n1)"));
  for (const char* const name : {"sdz", "", "..", "/etc/passwd"})
    EXPECT_THAT(refusal(name), HasSubstr("is not a block device here"));
}

// What the device offers is recommended for it, or for those that its I/O goes to.
std::vector<std::string> commands(const DeviceFacts& device) {
  std::vector<std::string> out;
  for (const Advice& one : advise(device))
    if (!one.setting.empty())
      out.push_back(fmt::format("{} {} {}", one.device, one.setting, one.value));
  return out;
}

TEST(Layers, OfAMultipathDriveThePathsSchedule) {
  const DeviceFacts head = facts_of("layers", "nvme0n1");
  EXPECT_EQ(head.kind, "a multipath drive, by nvme0c0n1");
  EXPECT_THAT(commands(head), ElementsAre("nvme0c0n1 queue/scheduler mq-deadline"));
  EXPECT_THAT(to_text(head, advise(head)),
              AllOf(HasSubstr("nvme0n1: a multipath drive, by nvme0c0n1\n"),
                    HasSubstr("  nvme0c0n1                  [none] mq-deadline\n"),
                    HasSubstr("echo mq-deadline > /sys/block/nvme0c0n1/queue/scheduler\n")));
}

TEST(Layers, AHiddenPathSaysOfWhatItIsOne) {
  const DeviceFacts path = facts_of("layers", "nvme0c0n1");
  EXPECT_EQ(path.kind, "a hidden path of the multipath drive nvme0n1, by controller 0");
  EXPECT_EQ(path.multipath_drive, "nvme0n1");
  EXPECT_THAT(commands(path), ElementsAre("nvme0c0n1 queue/scheduler mq-deadline"));
  EXPECT_THAT(advise(path), Contains(Field(&Advice::reason, HasSubstr("I/O is given to nvme0n1"))));
}

TEST(Layers, OfDeviceMapperAndMdTheMembersSchedule) {
  const std::vector<std::string> wanted = {"nvme1n1 queue/scheduler mq-deadline",
                                           "nvme1n1 queue/iostats 1", "nvme1n1 queue/nomerges 0"};
  const DeviceFacts table = facts_of("layers", "dm-0");
  EXPECT_EQ(table.kind, "device mapper vg0-kv, on nvme1n1");
  EXPECT_EQ(commands(table), wanted);
  const DeviceFacts array = facts_of("layers", "md127");
  EXPECT_EQ(array.kind, "md raid0, on nvme1n1");
  EXPECT_EQ(commands(array), wanted);
  EXPECT_EQ(facts_of("layers", "vg0-kv").name, "dm-0");
  EXPECT_EQ(facts_of("layers", "/dev/mapper/vg0-kv").name, "dm-0");
  const auto json = nlohmann::json::parse(to_json_text(array, advise(array)));
  EXPECT_EQ(json["below"], nlohmann::json::array({"nvme1n1"}));
  EXPECT_EQ(json["recommended"][0]["device"], "nvme1n1");
}

TEST(Layers, AZonedDiskUnderMqDeadlineStaysThere) {
  const DeviceFacts disk = facts_of("layers", "sdr");
  EXPECT_EQ(disk.kind, "");
  EXPECT_THAT(commands(disk), IsEmpty());
  EXPECT_THAT(advise(disk), Contains(Field(&Advice::reason, HasSubstr("evict whole zones"))));
}

// A tree of devices: their scheduler lines, and who is below whom.
class MadeUpTree : public ::testing::Test {
 protected:
  void add(const std::string& name, const std::string& scheduler) const {
    ASSERT_TRUE(base::make_directory(block(name) / "queue"));
    std::ofstream(block(name) / "queue/scheduler") << scheduler << '\n';
  }
  void put(const std::string& lower, const std::string& upper) const {
    fs::create_directories(block(upper) / "slaves" / lower);
    fs::create_directories(block(lower.substr(0, lower.find('p'))) / "holders" / upper);
  }
  [[nodiscard]] DeviceFacts facts(const char* name) const {
    const auto found = read_sysfs_facts(tree_.path(), name);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : DeviceFacts{};
  }
  [[nodiscard]] fs::path block(const std::string& name) const {
    return tree_.path() / "block" / name;
  }

  base::TempDir tree_ = *base::TempDir::create("kairo-inspect-");
};

TEST_F(MadeUpTree, RequestBasedMultipathSchedulesAboveItsPaths) {
  add("dm-1", "[mq-deadline] kyber none");
  for (const char* const path : {"sda", "sdb"}) {
    add(path, "[none] mq-deadline kairo");
    put(path, "dm-1");
  }
  EXPECT_THAT(facts("dm-1").below, IsEmpty());
  EXPECT_EQ(facts("sda").scheduled_by, "dm-1");
  EXPECT_THAT(commands(facts("sda")), IsEmpty());
  EXPECT_THAT(advise(facts("sda")),
              Contains(Field(&Advice::reason, HasSubstr("dm-1 gives it requests past"))));
}

TEST_F(MadeUpTree, DevicesAboveDevicesLeadToTheDisksBelowPartitions) {
  add("dm-2", "none");
  add("md0", "none");
  add("nvme2n1", "none [mq-deadline] kairo");
  add("nvme3n1", "none [kairo]");
  fs::create_directories(block("nvme2n1") / "nvme2n1p1");
  put("nvme2n1p1", "md0");
  put("nvme3n1", "md0");
  put("md0", "dm-2");
  put("dm-2", "md0");  // a loop, which only a forged tree has
  const DeviceFacts top = facts("dm-2");
  EXPECT_EQ(top.kind, "a device above others, on nvme2n1, nvme3n1");
  EXPECT_THAT(commands(top), ElementsAre("nvme2n1 queue/scheduler kairo"));
}

TEST_F(MadeUpTree, WhatOffersNothingGetsNoCommand) {
  add("zram0", "none");
  EXPECT_THAT(commands(facts("zram0")), IsEmpty());
  EXPECT_THAT(advise(facts("zram0")),
              Contains(Field(&Advice::reason, HasSubstr("takes I/O as it comes"))));
  add("nvme4n1", "[none]");
  EXPECT_THAT(commands(facts("nvme4n1")), IsEmpty());
  EXPECT_THAT(advise(facts("nvme4n1")),
              Contains(Field(&Advice::reason, HasSubstr("modprobe mq-deadline"))));
  add("nvme5n1", "[none] mq-deadline-next kairo2");
  EXPECT_THAT(commands(facts("nvme5n1")), IsEmpty());
}

TEST_F(MadeUpTree, ANameMistypedGetsTheNearest) {
  add("nvme0n1", "[none]");
  const auto found = read_sysfs_facts(tree_.path(), "nvme01n");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("(did you mean nvme0n1?)"));
}

// A drive of this machine by another path, as those in /dev/disk are.
TEST(Device, APathThatLeadsToADeviceIsIt) {
  std::error_code status;
  fs::path drive;
  for (const auto& entry : fs::directory_iterator("/sys/block", status))
    if (fs::is_block_file("/dev" / entry.path().filename(), status) &&
        fs::exists(entry.path() / "queue", status))
      drive = entry.path().filename();
  if (drive.empty()) GTEST_SKIP() << "no block device with a file in /dev here";
  const auto folder = base::TempDir::create("kairo-inspect-");
  ASSERT_TRUE(folder);
  fs::create_symlink("/dev" / drive, folder->path() / "by-id");
  const auto found = read_sysfs_facts("/sys", (folder->path() / "by-id").string());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->name, drive.string());
  EXPECT_THAT(read_sysfs_facts("/sys", "/dev/null").error().message,
              HasSubstr("is not a block device here"));
}

TEST(Device, ADriveThatIsNotThereIsNoPermissionProblem) {
  DeviceFacts device;
  const auto added = add_nvme_facts(device, "/dev/nvme999n1");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, base::ErrorCode::kInput);
  const auto other = add_nvme_facts(device, "/dev/null");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("does not answer to Identify"));
}

// Each rule from the facts that call for it, and silence without them.
TEST(Advice, FollowsTheFacts) {
  DeviceFacts device{"nvme0n1", true};
  const auto set = [&](const char* group, const char* name, const char* fact) {
    device.facts.push_back({group, name, fact, ""});
  };
  set("queue", "scheduler", "none mq-deadline [kairo]");
  set("queue", "iostats", "1");
  set("queue", "nomerges", "0");
  set("queue", "discard_max_bytes", "1073741824");
  EXPECT_THAT(advise(device), IsEmpty());
  EXPECT_THAT(to_text(device, {}), HasSubstr("nothing to recommend"));

  device.facts.clear();
  set("queue", "scheduler", "[none] mq-deadline kairo");
  set("queue", "iostats", "0");
  set("queue", "nomerges", "2");
  set("queue", "discard_max_bytes", "0");
  set("fdp", "enabled", "0");
  const auto advice = advise(device);
  ASSERT_EQ(advice.size(), 5U);
  EXPECT_EQ(advice[0].setting, "queue/scheduler");
  EXPECT_EQ(advice[0].value, "kairo");
  EXPECT_EQ(advice[1].setting, "queue/iostats");
  EXPECT_EQ(advice[2].setting, "queue/nomerges");
  EXPECT_THAT(advice[3].reason, HasSubstr("no discard"));
  EXPECT_THAT(advice[4].reason, HasSubstr("FDP is supported and off"));

  device.facts.clear();
  set("queue", "scheduler", "[none] mq-deadline");
  set("fdp", "enabled", "1");
  set("fdp", "placement_handles", "4");
  const auto stock = advise(device);
  ASSERT_EQ(stock.size(), 2U);
  EXPECT_EQ(stock[0].value, "mq-deadline");
  EXPECT_THAT(stock[1].reason, HasSubstr("no write streams"));
  set("streams", "max_write_streams", "4");
  EXPECT_THAT(advise(device)[1].reason, HasSubstr("4 write streams"));
}

TEST(Device, JsonHasNullForWhatIsNotKnown) {
  DeviceFacts device{"nvme0n1", true};
  device.facts = {{"queue", "nr_requests", "256", "requests"},
                  {"queue", "tags", std::nullopt, "commands per queue"},
                  {"zones", "model", "none", ""}};
  const auto json =
      nlohmann::json::parse(to_json_text(device, {{"nvme0n1", "queue/iostats", "1", "why"}}));
  EXPECT_EQ(json["facts"]["queue"]["nr_requests"]["value"], 256);
  EXPECT_TRUE(json["facts"]["queue"]["tags"]["value"].is_null());
  EXPECT_EQ(json["facts"]["zones"]["model"]["value"], "none");
  EXPECT_EQ(json["recommended"][0]["setting"], "queue/iostats");
}

}  // namespace
}  // namespace kairo::inspect
