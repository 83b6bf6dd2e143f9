// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/inspect/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kairo/base/files.h"

namespace kairo::inspect {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
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
  const auto json = nlohmann::json::parse(to_json_text(device, {{"queue/iostats", "1", "why"}}));
  EXPECT_EQ(json["facts"]["queue"]["nr_requests"]["value"], 256);
  EXPECT_TRUE(json["facts"]["queue"]["tags"]["value"].is_null());
  EXPECT_EQ(json["facts"]["zones"]["model"]["value"], "none");
  EXPECT_EQ(json["recommended"][0]["setting"], "queue/iostats");
}

}  // namespace
}  // namespace kairo::inspect
