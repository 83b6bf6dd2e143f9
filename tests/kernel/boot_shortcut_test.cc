// SPDX-License-Identifier: GPL-2.0-only
#include "boot_shortcut.h"

#include <gtest/gtest.h>

#include "fake_tree.h"
#include "kairo/base/files.h"

namespace kairo::kernel {
namespace {

namespace fs = std::filesystem;

class BootShortcutTest : public testing::Test {
 protected:
  void write(const std::string& map, const std::string& config) const {
    ASSERT_TRUE(base::write_file(folder_.path() / "System.map", map));
    ASSERT_TRUE(base::write_file(folder_.path() / ".config", config));
  }
  std::optional<BootShortcut> find() const {
    return find_boot_shortcut(folder_.path() / "arch/x86/boot/bzImage");
  }
  base::TempDir folder_ = *base::TempDir::create("kairo-shortcut-");
};

constexpr const char* kMap =
    "ffffffff826fc7d0 t not_setup_boot_APIC_clock\n"
    "ffffffff826fc7e0 T setup_boot_APIC_clock\n"
    "ffffffff827f5fa0 B lapic_timer_period\n";

TEST_F(BootShortcutTest, AddressesAndPeriodOfTheBuild) {
  write(kMap, "CONFIG_HZ=250\n");
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->stop_at, 0xffffffff826fc7e0U);
  EXPECT_EQ(found->variable, 0xffffffff827f5fa0U);
  EXPECT_EQ(found->value, 4'000'000U);
}

TEST_F(BootShortcutTest, NothingWithoutWhatItNeeds) {
  EXPECT_FALSE(find());
  write(kMap, "# no HZ\n");
  EXPECT_FALSE(find());
  write("ffffffff826fc7e0 T setup_boot_APIC_clock\n", "CONFIG_HZ=1000\n");
  EXPECT_FALSE(find());
  write("garbage setup_boot_APIC_clock\nx lapic_timer_period\n", "CONFIG_HZ=1000\n");
  EXPECT_FALSE(find());
}

TEST_F(BootShortcutTest, ACopyIsKnownByItsContent) {
  const ScopedEnv cache("KAIRO_CACHE", folder_.path().string());
  const fs::path build = folder_.path() / "6.12/build/debug";
  ASSERT_TRUE(base::write_below(build, "arch/x86/boot/bzImage", "the kernel"));
  ASSERT_TRUE(base::write_file(build / "kairo-build-id", "series=none\n"));
  ASSERT_TRUE(base::write_file(build / "System.map", kMap));
  ASSERT_TRUE(base::write_file(build / ".config", "CONFIG_HZ=1000\n"));
  const fs::path copy = folder_.path() / "bzImage";
  ASSERT_TRUE(base::write_file(copy, "the kernel"));
  EXPECT_TRUE(find_boot_shortcut(copy));
  ASSERT_TRUE(base::write_file(copy, "The kernel"));
  EXPECT_FALSE(find_boot_shortcut(copy));
}

TEST_F(BootShortcutTest, AQemuThatIsNotThereIsAnError) {
  EXPECT_FALSE(take_boot_shortcut({}, folder_.path() / "none", std::chrono::milliseconds(10)));
}

}  // namespace
}  // namespace kairo::kernel
