// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/definition.h"

#include "definition/definition_fixture.h"

namespace kairo::experiments {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kGood =
    "question = \"Does it help?\"\n"
    "base = \"none\"\n"
    "profile = \"p.toml\"\n"
    "repeats = 6\n"
    "seconds = 2\n"
    "[[arm]]\n"
    "name = \"none\"\n"
    "[[arm]]\n"
    "name = \"mq-deadline-kv\"\n"
    "scheduler = \"mq-deadline\"\n"
    "set = { kv_classes = 1, \"queue/nr_requests\" = 64 }\n"
    "job = { \"decode.prioclass\" = 1 }\n"
    "[[load]]\n"
    "name = \"mix\"\n"
    "description = \"a mix\"\n"
    "job = \"mix.fio\"\n"
    "decode_share = 0.02\n";

class DefinitionTest : public DefinitionFixture {
 protected:
  DefinitionTest() : DefinitionFixture(kGood) {}
};

TEST_F(DefinitionTest, ReadsArmsLoadsAndDefaults) {
  const auto definition = load(kGood);
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_EQ(definition->name, "07-mine");
  EXPECT_EQ(definition->seed, 1U);
  ASSERT_EQ(definition->arms.size(), 2U);
  EXPECT_EQ(definition->arms[0].scheduler, "none");
  EXPECT_EQ(definition->arms[1].scheduler, "mq-deadline");
  const reports::Arm& arm = definition->arms[1];
  EXPECT_THAT(arm.job_options, ElementsAre(testing::Pair("decode.prioclass", "1")));
  EXPECT_THAT(arm.tunables, ElementsAre(testing::Pair("kv_classes", "1")));
  EXPECT_THAT(arm.device_files, ElementsAre(testing::Pair("queue/nr_requests", "64")));
  ASSERT_EQ(definition->arm_overrides.at("mq-deadline-kv").size(), 1U);
  EXPECT_EQ(definition->arm_overrides.at("mq-deadline-kv")[0].section, "decode");
  ASSERT_EQ(definition->loads.size(), 1U);
  EXPECT_DOUBLE_EQ(definition->loads[0].decode_share, 0.02);
  EXPECT_FALSE(definition->metrics.empty());
}

TEST_F(DefinitionTest, ReadsAGeneratedTrace) {
  const std::string text(kGood);
  EXPECT_FALSE(load(kGood)->loads[0].replays());
  const auto definition = load(text + "generate = { requests = 800, seed = 2 }\n");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_TRUE(definition->loads[0].replays());
  EXPECT_EQ(definition->loads[0].generated->command(),
            "kairo trace sample --requests 800 --seed 2");
  expect_refusals({
      {text + "generate = 800\n", "generate: not an array of tables"},
      {text + "[[load.generate]]\nrequests = 1\nseed = 2\n[[load.generate]]\n", "one trace"},
      {text + "generate = { requests = 0, seed = 2 }\n", "requests: 0 is out of range"},
      {text + "generate = { requests = 800, seeds = 2 }\n", "seeds"},
      {text + "generate = { requests = 800, seed = 2 }\ntrace = \"mix.fio\"\n", "one of both"},
  });
}

TEST_F(DefinitionTest, ErrorsNameFileLineAndKey) {
  expect_refusals({
      {replaced("base = \"none\"", "base = \"noop\""), "experiment.toml:2: base: \"noop\" is not"},
      {replaced("repeats = 6", "repeats = 0"), "experiment.toml:4: repeats: 0 is out of range"},
      {replaced("profile = \"p.toml\"", "profile = \"r.toml\""), "r.toml: no such file"},
      {replaced("name = \"mq-deadline-kv\"", "name = \"none\""), "\"none\" is there twice"},
      {replaced("name = \"mq-deadline-kv\"", "name = \"../x\""), "cannot be a folder name"},
      {replaced("decode_share = 0.02", "decode_share = 2"), "load[0].decode_share: give a number"},
      {replaced("decode_share", "decode_rate"),
       "experiment.toml:17: load[0].decode_rate: unknown key"},
      {replaced("scheduler = \"mq-deadline\"", "sheduler = \"mq-deadline\""),
       "arm[1].sheduler: unknown key"},
      {replaced("question = \"Does it help?\"\n", ""), "question: missing"},
      {replaced("[[load]]", "[[loads]]"), "loads: unknown key"},
      {replaced("kv_classes = 1", "kv_classes = [1]"), "kv_classes must be a string"},
  });
}

TEST_F(DefinitionTest, SelectingArmsKeepsABase) {
  auto definition = load(kGood).value();
  ASSERT_TRUE(select_arms(definition, {"mq-deadline-kv"}));
  EXPECT_EQ(definition.base_arm, "mq-deadline-kv");
  const auto unknown = select_arms(definition, {"cfq"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("there are: mq-deadline-kv"));
}

TEST_F(DefinitionTest, ExperimentsAreFoundByTheStartOfTheirName) {
  ASSERT_TRUE(load(kGood));
  EXPECT_EQ(find_experiment(dir_.path(), "07").value().filename(), "07-mine");
  EXPECT_EQ(find_experiment(dir_.path(), "07-mine").value().filename(), "07-mine");
  EXPECT_EQ(find_experiment(dir_.path(), "mine").value().filename(), "07-mine");
  EXPECT_EQ(find_experiment(dir_.path(), "mi").value().filename(), "07-mine");
  EXPECT_THAT(find_experiment(dir_.path(), "08").error().message, HasSubstr("there are: 07-mine"));
  EXPECT_THAT(find_experiment(dir_.path(), "mnie").error().message,
              HasSubstr("no such experiment (did you mean mine?)"));
  EXPECT_EQ(without_number("12-budget-sweep"), "budget-sweep");
  EXPECT_EQ(without_number("my-own"), "my-own");
}

TEST_F(DefinitionTest, AnArmNamesAnExistingBpftraceScript) {
  const std::string_view arm = "scheduler = \"mq-deadline\"\n";
  const auto traced =
      load(replaced(arm, "scheduler = \"mq-deadline\"\nbpftrace = \"stock/dispatch.bt\"\n"));
  ASSERT_TRUE(traced) << traced.error().message;
  EXPECT_EQ(traced->arms[1].script, "stock/dispatch.bt");
  const auto missing = load(replaced(arm, "bpftrace = \"nope.bt\"\n"));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("nope.bt"));
}

TEST_F(DefinitionTest, AnArmPutsJobsIntoControlGroups) {
  const std::string_view arm = "scheduler = \"mq-deadline\"\n";
  const auto with = [&](const std::string& name) {
    return load(replaced(
        arm, "scheduler = \"mq-deadline\"\ncgroup = { \"" + name + "\" = \"target=500\" }\n"));
  };
  const auto grouped = with("decode/io.latency");
  ASSERT_TRUE(grouped) << grouped.error().message;
  EXPECT_EQ(grouped->arms[1].group_files.at("decode/io.latency"), "target=500");
  const auto& changes = grouped->arm_overrides.at(grouped->arms[1].name);
  const auto has = [&](const std::string& key, const std::string& value) {
    return std::any_of(changes.begin(), changes.end(), [&](const JobOverride& change) {
      return change.section == "decode" && change.key == key && change.value == value;
    });
  };
  EXPECT_TRUE(has("thread", "0"));
  EXPECT_TRUE(has("exec_prerun", "(echo $PPID > /sys/fs/cgroup/decode/cgroup.procs)"));
  ASSERT_TRUE(with("/io.cost.qos"));
  for (const char* const bad : {"io.latency", "decode/memory.max", "a/b/io.max", "../io.max"})
    EXPECT_THAT(with(bad).error().message, HasSubstr("give \"JOB/io.FILE\"")) << bad;
}

TEST(Experiments, EveryPublishedExperimentLoads) {
  const auto all = list_experiments(std::filesystem::path(KAIRO_SOURCE_DIR) / "experiments");
  EXPECT_FALSE(all.empty());
  for (const auto& directory : all) {
    const auto definition = load_definition(directory);
    EXPECT_TRUE(definition) << definition.error().message;
    EXPECT_TRUE(std::filesystem::exists(directory / "README.md")) << directory;
  }
}

// Without a claim `run all --gate` has nothing to say about it.
TEST(Experiments, EachHasAClaim) {
  const auto folders = list_experiments(experiments_dir());
  EXPECT_GE(folders.size(), 29U);
  for (const std::filesystem::path& folder : folders) {
    const auto definition = load_definition(folder);
    ASSERT_TRUE(definition) << definition.error().message;
    EXPECT_FALSE(definition->rules.empty()) << folder << ": no [[rule]]";
  }
}

}  // namespace
}  // namespace kairo::experiments
