// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/kconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/kernel/paths.h"
#include "make.h"

namespace kairo::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(KernelConfig, KnownAnswers) {
  const auto config =
      parse_config("# why\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=\"x\"\nCONFIG_A=m\n", "f");
  ASSERT_TRUE(config);
  EXPECT_EQ(*config, (KernelConfig{{"CONFIG_A", "m"}, {"CONFIG_B", "n"}, {"CONFIG_C", "\"x\""}}));
}

TEST(KernelConfig, OtherLinesAreRefusedByNumber) {
  EXPECT_THAT(parse_config("CONFIG_A=y\nCONFIG A=y\n", "f.config").error().message,
              HasSubstr("f.config:2"));
  EXPECT_THAT(parse_config("A=y\n", "f.config").error().message, HasSubstr("f.config:1"));
}

TEST(KernelConfig, EachUnmetRequestIsNamed) {
  const KernelConfig asked = {{"CONFIG_A", "y"}, {"CONFIG_B", "n"}, {"CONFIG_C", "y"}};
  const KernelConfig final = {{"CONFIG_A", "m"}, {"CONFIG_B", "y"}};
  EXPECT_THAT(unmet_requests(asked, final),
              ElementsAre("CONFIG_A: asked for y, is m", "CONFIG_B: asked for not set, is y",
                          "CONFIG_C: asked for y, is not set"));
  EXPECT_THAT(unmet_requests({{"CONFIG_X", "n"}}, {}), IsEmpty());
}

TEST(KernelConfig, SymbolsThatAPatchAdds) {
  EXPECT_THAT(
      added_symbols("+config NEW\n+\ttristate\n config OLD\n+menuconfig MENU\n-config GONE\n"),
      UnorderedElementsAre("CONFIG_NEW", "CONFIG_MENU"));
}

TEST(KernelConfig, TheFragmentsParse) {
  for (const char* const name : {"lab.config", "debug.config"}) {
    const auto file = kernel_dir() / "config" / name;
    const auto text = base::read_file(file);
    ASSERT_TRUE(text) << name;
    EXPECT_TRUE(parse_config(*text, file.string())) << name;
  }
}

TEST(BuildOutput, StepsAreCounted) {
  EXPECT_TRUE(is_build_step("  CC      block/bio.o"));
  EXPECT_TRUE(is_build_step("  VDSO2C  arch/x86/entry/vdso/vdso-image-64.c"));
  EXPECT_FALSE(is_build_step("block/bio.c:1:2: warning: x"));
  EXPECT_FALSE(is_build_step("make[1]: Entering directory"));
  EXPECT_FALSE(is_build_step("  1 | int x;"));
  EXPECT_FALSE(is_build_step(""));
}

TEST(BuildOutput, WarningsOfTouchedFilesOnly) {
  const std::set<std::string> touched = {"block/kairo/main.c", "include/linux/fs.h"};
  EXPECT_THAT(warnings_in("../../src/block/kairo/main.c:3:1: warning: unused variable 'x'\n"
                          "block/other.c:1:1: warning: theirs\n"
                          "/x/include/linux/fs.h:7:1: warning: twice\n"
                          "/x/include/linux/fs.h:7:1: warning: twice\n"
                          "myinclude/linux/fs.h:7:1: warning: another file\n"
                          "block/kairo/main.c:9:1: error: not a warning\n",
                          touched),
              ElementsAre("../../src/block/kairo/main.c:3:1: warning: unused variable 'x'",
                          "/x/include/linux/fs.h:7:1: warning: twice"));
}

}  // namespace
}  // namespace kairo::kernel
