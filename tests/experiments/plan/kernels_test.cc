// SPDX-License-Identifier: GPL-2.0-only
// Arms on the base image: which guest boots what, in which order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "kairo/base/files.h"
#include "plan/campaign_plan.h"

namespace kairo::experiments {
namespace {

using testing::HasSubstr;

Definition three_arms() {
  Definition out;
  out.repeats = 8;
  out.arms = {{"none", "none", {}, "base"}, {"none-patched", "none", {}}, {"kairo", "kairo", {}}};
  out.base_arm = "none";
  for (const char* const name : {"mix", "plain"}) {
    LoadDefinition load;
    load.name = name;
    out.loads.push_back(load);
  }
  return out;
}

TEST(Boots, AreOneForEachKernelOfARepeatWithItsArmsOnly) {
  const Definition definition = three_arms();
  for (unsigned repeat = 1; repeat <= definition.repeats; ++repeat) {
    const std::vector<Boot> boots = boots_of(definition, repeat);
    ASSERT_EQ(boots.size(), 2U);
    for (const Boot& boot : boots) {
      EXPECT_EQ(boot.repeat, repeat);
      EXPECT_EQ(boot.runs.size(), boot.kernel == kBaseKernel ? 2U : 4U);
      for (const PlannedRun& planned : boot.runs) {
        EXPECT_EQ(planned.run.arm->kernel, boot.kernel);
        EXPECT_EQ(record_of(definition, planned).seed, seed_of(definition, repeat));
      }
    }
  }
}

TEST(Boots, NumberTheRunsOfACampaignFromOneOn) {
  const Definition definition = three_arms();
  unsigned order = 0;
  for (unsigned repeat = 1; repeat <= definition.repeats; ++repeat)
    for (const Boot& boot : boots_of(definition, repeat))
      for (const PlannedRun& planned : boot.runs) EXPECT_EQ(planned.order, ++order);
  EXPECT_EQ(order, 48U);
}

TEST(Boots, LetEitherKernelBeFirst) {
  const Definition definition = three_arms();
  std::set<std::string> first;
  for (unsigned repeat = 1; repeat <= definition.repeats; ++repeat)
    first.insert(boots_of(definition, repeat).front().kernel);
  EXPECT_EQ(first.size(), 2U);
}

TEST(Boots, AreOneWhereThereIsOneKernel) {
  Definition definition = three_arms();
  EXPECT_TRUE(use_one_kernel(definition));
  EXPECT_FALSE(use_one_kernel(definition));
  EXPECT_EQ(boots_of(definition, 1).size(), 1U);
  EXPECT_EQ(boots_of(definition, 1).front().runs.size(), 6U);
}

TEST(Arms, NameTheBaseKernelOrNone) {
  const auto dir = base::TempDir::create("kairo-test-");
  ASSERT_TRUE(dir);
  for (const char* const name : {"p.toml", "mix.fio"})
    ASSERT_TRUE(base::write_file(dir->path() / name, "x"));
  const auto load = [&](const std::string& kernel) {
    EXPECT_TRUE(base::write_file(
        dir->path() / "experiment.toml",
        "question = \"?\"\nbase = \"none\"\nprofile = \"p.toml\"\nrepeats = 1\nseconds = 1\n"
        "[[arm]]\nname = \"none\"\n" +
            kernel + "[[load]]\nname = \"mix\"\ndescription = \"d\"\njob = \"mix.fio\"\n"));
    return load_definition(dir->path());
  };
  EXPECT_EQ(load("kernel = \"base\"\n")->arms[0].kernel, "base");
  EXPECT_EQ(load("kernel = \"stock\"\n")->arms[0].kernel, "stock");
  EXPECT_EQ(load("")->arms[0].kernel, "");
  EXPECT_THAT(load("kernel = \"lab\"\n").error().message,
              HasSubstr("experiment.toml:8: arm[0].kernel: \"lab\" (give \"base\" or \"stock\""));
}

}  // namespace
}  // namespace kairo::experiments
