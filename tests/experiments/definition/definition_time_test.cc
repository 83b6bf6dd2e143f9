// SPDX-License-Identifier: GPL-2.0-only
// What an experiment may say beyond arms and loads: several profiles, rules, phases, samples.
#include "definition/definition_fixture.h"

namespace kairo::experiments {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kFull =
    "question = \"Does it help?\"\n"
    "base = \"none\"\n"
    "profiles = [\"p.toml\", \"q.toml\"]\n"
    "repeats = 6\n"
    "seconds = 2\n"
    "collect = [\"sched/latency\"]\n"
    "[[arm]]\n"
    "name = \"none\"\n"
    "[[arm]]\n"
    "name = \"kairo\"\n"
    "[[load]]\n"
    "name = \"steps\"\n"
    "description = \"decode comes and goes\"\n"
    "job = \"mix.fio\"\n"
    "repeats = 3\n"
    "seconds = 4\n"
    "window_ms = 50\n"
    "phases = [{ name = \"off\", from_s = 0, to_s = 1 }, { name = \"on\", from_s = 1, to_s = 2.5 "
    "}]\n"
    "sample = { file = \"sched/budgets\", every_ms = 10 }\n"
    "[[rule]]\n"
    "text = \"ahead at equal throughput\"\n"
    "arm = \"kairo\"\n"
    "metric = \"decode.p99_ns\"\n"
    "at_most = 0.6\n"
    "of = \"best-stock\"\n"
    "where = [{ metric = \"prefill.bytes_per_s\", at_least = 0.9, of = \"none\", phase = \"on\" "
    "}]\n"
    "loads = [\"steps\"]\n"
    "profiles = [\"q\"]\n";

class DefinitionTimeTest : public DefinitionFixture {
 protected:
  DefinitionTimeTest() : DefinitionFixture(kFull) {}
};

TEST_F(DefinitionTimeTest, ReadsAll) {
  const auto definition = load(kFull);
  ASSERT_TRUE(definition) << definition.error().message;
  ASSERT_EQ(definition->profiles.size(), 2U);
  EXPECT_EQ(definition->profiles[1].stem(), "q");
  EXPECT_THAT(definition->collect, ElementsAre("sched/latency"));
  const LoadDefinition& load = definition->loads[0];
  EXPECT_EQ(definition->repeats_of(load), 3U);
  EXPECT_EQ(definition->seconds_of(load), 4U);
  EXPECT_EQ(load.window_ms, 50U);
  ASSERT_EQ(load.phases.size(), 2U);
  EXPECT_DOUBLE_EQ(load.phases[1].to_s, 2.5);
  ASSERT_EQ(load.samples.size(), 1U);
  EXPECT_EQ(load.samples[0].file, "sched/budgets");
  ASSERT_EQ(definition->rules.size(), 1U);
  const RuleDefinition& rule = definition->rules[0];
  EXPECT_TRUE(rule.rule.bound.at_most);
  EXPECT_THAT(rule.rule.bound.of, ElementsAre("best-stock"));
  ASSERT_EQ(rule.rule.where.size(), 1U);
  EXPECT_FALSE(rule.rule.where[0].at_most);
  EXPECT_EQ(rule.rule.where[0].phase, "on");
  EXPECT_THAT(rule.profiles, ElementsAre("q"));
}

TEST_F(DefinitionTimeTest, ErrorsNameFileLineAndKey) {
  expect_refusals({
      {replaced("\"q.toml\"]", "\"r.toml\"]"), "experiment.toml:3: profiles: "},
      {replaced("\"q.toml\"]", "\"p.toml\"]"), "two profiles are called p"},
      {replaced("\"sched/latency\"", "\"../../x\""), "experiment.toml:6: collect: \"../../x\""},
      {replaced("\"sched/budgets\"", "\"/etc/passwd\""), "load[0].sample.file: \"/etc/passwd\""},
      {replaced("every_ms = 10", "every_ms = 0"), "every_ms: 0 is out of range"},
      {replaced("window_ms = 50\n", ""), "phases need window_ms"},
      {replaced("to_s = 2.5", "to_s = 1"), "load[0].phases[1].to_s: not after from_s"},
      {replaced("name = \"on\"", "name = \"off\""), "\"off\" is there twice"},
      {replaced("metric = \"decode.p99_ns\"\n", ""), "rule[0].metric: missing (give a string)"},
      {replaced("metric = \"decode.p99_ns\"", "metric = \"decode.p98\""),
       "experiment.toml:23: rule[0].metric: \"decode.p98\" is not a metric"},
      {replaced("at_most = 0.6", "at_most = 0.6\nat_least = 1"), "give either at_most or at_least"},
      {replaced("of = \"best-stock\"", "of = \"bfq\""), "rule[0].of: \"bfq\" is not the name"},
      {replaced("phase = \"on\"", "phase = \"up\""), "\"up\" is not a phase of any [[load]]"},
      {replaced("loads = [\"steps\"]", "loads = [\"stps\"]"), "rule[0].loads: \"stps\" is not"},
      {replaced("profiles = [\"q\"]", "profiles = [\"r\"]"), "rule[0].profiles: \"r\" is not"},
      {replaced("arm = \"kairo\"", "arm = \"karo\""), "rule[0].arm: \"karo\" is not"},
  });
}

TEST_F(DefinitionTimeTest, TheCommandLineNarrows) {
  auto definition = load(kFull).value();
  ASSERT_TRUE(select_profile(definition, "q"));
  ASSERT_EQ(definition.profiles.size(), 1U);
  EXPECT_EQ(definition.profiles[0].filename(), "q.toml");
  const std::string file = (dir_.path() / "07-mine" / "p.toml").string();
  ASSERT_TRUE(select_profile(definition, file));
  EXPECT_EQ(definition.profiles[0], file);
  EXPECT_THAT(select_profile(definition, "nothing").error().message, HasSubstr("no such file"));
  set_repeats(definition, 9);
  set_seconds(definition, 1);
  EXPECT_EQ(definition.repeats_of(definition.loads[0]), 9U);
  EXPECT_EQ(definition.seconds_of(definition.loads[0]), 1U);
}

}  // namespace
}  // namespace kairo::experiments
