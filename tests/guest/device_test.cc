// SPDX-License-Identifier: GPL-2.0-only
// `kairo device inspect` asks an emulated NVMe drive with zones. One with FDP: fdp_test.cc.
#include <gtest/gtest.h>

#include "nvme_guest.h"

namespace kairo::testing {
namespace {

TEST(GuestDevice, AZonedDrive) {
  kernel::GuestSpec spec = lab_guest();
  const base::TempDir out = keep_output(spec);
  add_nvme(spec, 64,
           {"nvme,id=nvme0,serial=zns",
            "nvme-ns,drive=drive,bus=nvme0,nsid=1,zoned=true,zoned.zone_size=4M,"
            "zoned.max_open=8,zoned.max_active=9"});
  spec.script += R"sh(
inspect facts
/kairo/command device inspect nvme0n1 || fail "as text"
/kairo/command device inspect nvme0 && fail "a controller"
[ $? = 3 ] || fail "status for a controller"
)sh";
  boot_ok(spec);
  const auto facts = saved_facts(out.path() / "facts");
  EXPECT_EQ(fact(facts, "device", "serial"), "zns");
  EXPECT_EQ(fact(facts, "nvme", "namespace"), 1);
  EXPECT_EQ(fact(facts, "zones", "model"), "host-managed");
  EXPECT_EQ(fact(facts, "zones", "zones"), 16);
  EXPECT_EQ(fact(facts, "zones", "max_open_zones"), 8);
  EXPECT_EQ(fact(facts, "zones", "max_active_zones"), 9);
  EXPECT_EQ(fact(facts, "fdp", "supported"), "no");
  EXPECT_EQ(fact(facts, "streams", "directive"), "no");
}

}  // namespace
}  // namespace kairo::testing
