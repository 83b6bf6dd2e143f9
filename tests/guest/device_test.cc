// SPDX-License-Identifier: GPL-2.0-only
// `kairo device inspect` asks emulated NVMe drives: a zoned one, and one with FDP where QEMU has
// it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guest_lab.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo::testing {
namespace {

using Json = nlohmann::json;

bool qemu_has_fdp() {
  const auto help = base::run({.argv = {"qemu-system-x86_64", "-device", "nvme-subsys,help"}});
  return help && help->out.find("fdp") != std::string::npos;
}

Json value(const Json& facts, const char* group, const char* name) {
  const Json none;
  return facts.value(group, Json::object()).value(name, Json::object()).value("value", none);
}

class Inspect : public ::testing::Test {
 protected:
  void SetUp() override {
    auto out = base::TempDir::create("kairo-guest-");
    ASSERT_TRUE(out);
    out_ = std::make_unique<base::TempDir>(std::move(*out));
    const auto image = out_->path() / "drive";
    ASSERT_TRUE(base::write_file(image, ""));
    std::filesystem::resize_file(image, 64 << 20);
    spec_ = lab_guest();
    spec_.programs.emplace_back(KAIRO_COMMAND_PATH);
    spec_.files.push_back({KAIRO_COMMAND_PATH, "/kairo/command"});
    spec_.out_dir = out_->path() / "out";
    spec_.qemu_arguments = {"-drive", "if=none,id=drive,format=raw,file=" + image.string()};
    spec_.script =
        "/kairo/command device inspect nvme0n1 --json > /out/json || exit 1\n"
        "/kairo/command device inspect nvme0n1 || exit 2\n"
        "/kairo/command device inspect nvme0 && exit 3\n[ $? = 3 ] || exit 4\n";
  }

  void add(const std::vector<std::string>& devices) {
    for (const std::string& device : devices) {
      spec_.qemu_arguments.emplace_back("-device");
      spec_.qemu_arguments.push_back(device);
    }
  }

  Json inspected() {
    boot_ok(spec_);
    const auto text = base::read_file(spec_.out_dir / "json");
    EXPECT_TRUE(text);
    const Json json = Json::parse(text ? *text : "", nullptr, false);
    return json.is_object() ? json.at("facts") : Json::object();
  }

  std::unique_ptr<base::TempDir> out_;
  kernel::GuestSpec spec_;
};

TEST_F(Inspect, AZonedDrive) {
  add({"nvme,id=nvme0,serial=zns",
       "nvme-ns,drive=drive,bus=nvme0,nsid=1,zoned=true,zoned.zone_size=4M,zoned.max_open=8,"
       "zoned.max_active=9"});
  const Json facts = inspected();
  EXPECT_EQ(value(facts, "device", "serial"), "zns");
  EXPECT_EQ(value(facts, "nvme", "namespace"), 1);
  EXPECT_EQ(value(facts, "zones", "model"), "host-managed");
  EXPECT_EQ(value(facts, "zones", "zones"), 16);
  EXPECT_EQ(value(facts, "zones", "max_open_zones"), 8);
  EXPECT_EQ(value(facts, "zones", "max_active_zones"), 9);
  EXPECT_EQ(value(facts, "fdp", "supported"), "no");
  EXPECT_EQ(value(facts, "streams", "directive"), "no");
}

TEST_F(Inspect, ADriveWithFdp) {
  if (!qemu_has_fdp())
    GTEST_SKIP() << "this QEMU emulates no FDP (that of bookworm-backports, 10.0, does)";
  add({"nvme-subsys,id=sub,fdp=on,fdp.nruh=8,fdp.nrg=1,fdp.runs=4M",
       "nvme,id=nvme0,serial=fdp,subsys=sub", "nvme-ns,drive=drive,bus=nvme0,nsid=1,fdp.ruhs=0-3"});
  const Json facts = inspected();
  EXPECT_EQ(value(facts, "fdp", "supported"), "yes");
  EXPECT_EQ(value(facts, "fdp", "enabled"), 1);
  EXPECT_EQ(value(facts, "fdp", "reclaim_groups"), 1);
  EXPECT_EQ(value(facts, "fdp", "reclaim_unit_handles"), 8);
  EXPECT_EQ(value(facts, "fdp", "reclaim_unit_size"), 4 << 20);
  EXPECT_EQ(value(facts, "fdp", "placement_handles"), 4);
}

}  // namespace
}  // namespace kairo::testing
