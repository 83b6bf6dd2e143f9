// SPDX-License-Identifier: GPL-2.0-only
#include "target/guest_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/process.h"

namespace kairo::experiments {
namespace {

using testing::HasSubstr;

Definition two_arms() {
  Definition out;
  out.seconds = 2;
  out.arms = {{"none", "none", {}}, {"odd", "kairo", {{"a_kib", "64; reboot"}}}};
  LoadDefinition load;
  load.name = "mix";
  load.decode_share = 0.02;
  load.seconds = 5;
  load.samples = {{"sched/budgets", 10}};
  out.collect = {"sched/latency", "hctx0/busy"};
  out.loads = {load};
  return out;
}

DeviceProfile reference() {
  DeviceProfile out;
  out.dies = 8;
  out.page_kib = 64;
  out.read_us = 80;
  out.program_us = 300;
  out.tags = 1023;
  out.size_gib = 16;
  return out;
}

std::string script() {
  const Definition definition = two_arms();
  const std::vector<GuestRun> runs = {{&definition.loads[0], &definition.arms[1]},
                                      {&definition.loads[0], &definition.arms[0]}};
  return guest_script(definition, reference(), {"/usr/bin/fio", "/lib/kairo.so", "/jobs", "/w"},
                      runs, 7);
}

TEST(GuestScript, IsValidShell) {
  const auto checked = base::run({.argv = {"sh", "-n"}, .input = script()});
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->exit_code, 0) << checked->err;
}

TEST(GuestScript, AttachesTheScriptOfAnArmAndOfNoOther) {
  Definition definition = two_arms();
  definition.arms[1].script = "latency.bt";
  const std::vector<GuestRun> runs = {{&definition.loads[0], &definition.arms[1]},
                                      {&definition.loads[0], &definition.arms[0]}};
  GuestPaths paths{"/usr/bin/fio", "/lib/kairo.so", "/jobs", "/w"};
  paths.bpftrace = "/usr/bin/bpftrace";
  paths.tracing_directory = "/kairo/tracing";
  const std::string text = guest_script(definition, reference(), paths, runs, 7);
  EXPECT_EQ(text.find("set_tunable bpftrace"), std::string::npos);
  const auto attached = text.find("script=latency.bt\n");
  const auto none = text.find("script=\n");
  ASSERT_NE(attached, std::string::npos);
  ASSERT_NE(none, std::string::npos);
  EXPECT_LT(attached, text.find("run_one mix odd"));
  EXPECT_GT(none, text.find("run_one mix odd"));
  EXPECT_LT(none, text.find("run_one mix none"));
}

TEST(GuestScript, MakesTheControlGroupsOfAnArmAndOfNoOther) {
  Definition definition = two_arms();
  definition.arms[1].group_files = {{"decode/io.latency", "target=500"},
                                    {"/io.cost.qos", "enable=1 rlat=500"}};
  const std::vector<GuestRun> runs = {{&definition.loads[0], &definition.arms[1]},
                                      {&definition.loads[0], &definition.arms[0]}};
  const std::string text = guest_script(definition, reference(),
                                        {"/usr/bin/fio", "/lib/kairo.so", "/jobs", "/w"}, runs, 7);
  EXPECT_THAT(text, HasSubstr("set_group decode io.latency target=500\n"));
  EXPECT_THAT(text, HasSubstr("set_group '' io.cost.qos 'enable=1 rlat=500'\n"));
  EXPECT_EQ(text.find("set_tunable 'cgroup"), std::string::npos);
  const auto run = text.find("run_one mix odd"), removed = text.find("\nremove_groups\n");
  ASSERT_NE(run, std::string::npos);
  EXPECT_LT(text.rfind("\nset_group "), run);
  EXPECT_GT(removed, run);
  EXPECT_LT(removed, text.find("run_one mix none"));
  EXPECT_EQ(text.find("\nremove_groups\n", removed + 1), std::string::npos);
}

TEST(GuestScript, RunsInTheGivenOrderOnADeviceMadeAnew) {
  const std::string text = script();
  const auto first = text.find("run_one mix odd");
  const auto second = text.find("run_one mix none");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
  EXPECT_NE(text.substr(first, second - first).find("remove_device\n\nmake_device"),
            std::string::npos);
}

TEST(GuestScript, SaysTheDeviceTheRatesAndTheSeed) {
  const std::string text = script();
  EXPECT_THAT(text, HasSubstr("dies=8 page_kib=64 read_us=80 program_us=300"));
  EXPECT_THAT(text, HasSubstr("export KAIRO_DECODE_IOPS=2000\n"));
  EXPECT_THAT(text, HasSubstr("export KAIRO_SEED=7\n"));
}

TEST(GuestScript, SaysWhatIsSampledAndCollected) {
  const std::string text = script();
  EXPECT_THAT(text, HasSubstr("samples='10 sched/budgets '\n"));
  EXPECT_THAT(text, HasSubstr("collect='sched/latency hctx0/busy'\n"));
  EXPECT_THAT(text, HasSubstr("export KAIRO_SECONDS=5\n"));
}

TEST(GuestScript, QuotesWhatComesFromFiles) {
  EXPECT_THAT(script(), HasSubstr("set_tunable a_kib '64; reboot'\n"));
}

}  // namespace
}  // namespace kairo::experiments
