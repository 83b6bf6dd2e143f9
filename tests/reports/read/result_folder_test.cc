// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/result_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/inspect.h"
#include "kairo/reports/metric.h"
#include "kairo/reports/run_data.h"

namespace kairo::reports {
namespace {

using ::testing::ElementsAre;
using testing::FolderCopy;
using ::testing::HasSubstr;
using testing::kFixtures;

std::string folder_refusal(const FolderCopy& copy) {
  const auto folder = read_result_folder(copy.path());
  EXPECT_FALSE(folder);
  return folder ? "" : folder.error().message;
}

const ClassResult& class_of(const Run& run, IoClass io_class) {
  return *run.classes[static_cast<std::size_t>(io_class)];
}

TEST(ExperimentJson, RoundTrip) {
  Experiment experiment = testing::make_folder(3, 0.5).experiment;
  experiment.arms[1].tunables = {{"background_budget_kib", "512"}};
  experiment.arms[1].device_files = {{"queue/nr_requests", "17"}};
  experiment.arms[1].job_options = {{"decode.prioclass", "1"}};
  experiment.arms[1].group_files = {{"decode/io.latency", "target=500"},
                                    {"/io.cost.qos", "enable=1"}};
  experiment.arms[1].script = "latency.bt";
  experiment.loads[0].workload = {{"source", "a \"quoted\" file\n"}};
  experiment.seeds = {1, UINT64_MAX};
  experiment.environment = {{"kernel", "6.12.117"}};
  experiment.fixture = true;
  const std::string text = to_json_text(experiment);
  const auto back = parse_experiment(text, "x");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json_text(*back), text);
  EXPECT_EQ(back->seeds.back(), UINT64_MAX);
  EXPECT_TRUE(back->fixture);
}

TEST(RunJson, RoundTripKeepsWhatIsMissing) {
  RunRecord run{"mix", "kairo", 2, 7, 9, 0, std::nullopt, 5, std::nullopt, {}};
  run.classes["reader"]["read"] = "decode";
  const auto back = parse_run(to_json_text(run), "x");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->virtual_ns, std::nullopt);
  EXPECT_EQ(back->cpu_busy_ns, 5U);
  EXPECT_EQ(back->cpu_idle_ns, std::nullopt);
  EXPECT_EQ(to_json_text(*back), to_json_text(run));
}

TEST(Names, AreFolderNames) {
  EXPECT_TRUE(is_valid_name("mq-deadline+kv_1.0"));
  for (const char* name : {"", ".", "..", ".hidden", "a/b", "a b", "a\n", "µ"})
    EXPECT_FALSE(is_valid_name(name)) << name;
  EXPECT_FALSE(is_valid_name(std::string(65, 'a')));
}

TEST(ExperimentJson, RefusesWhatCannotBe) {
  const FolderCopy copy("campaign");
  const std::string file = "experiment.json";
  const std::string good = copy.read(file);
  const auto refusal = [&](const std::string& from, const std::string& to) {
    copy.write(file, good);
    EXPECT_TRUE(copy.replace(file, from, to)) << from;
    const auto result = parse_experiment(copy.read(file), "experiment.json");
    EXPECT_FALSE(result) << to;
    return result ? "" : result.error().message;
  };
  EXPECT_THAT(refusal("kairo-experiment", "other"), HasSubstr("where 'kairo-experiment' belongs"));
  EXPECT_THAT(refusal("\"version\": 1", "\"version\": 2"), HasSubstr("reads version 1"));
  EXPECT_THAT(refusal("\"base_arm\": \"depth4\"", "\"base_arm\": \"depth5\""),
              HasSubstr("'depth5' is not one of the arms"));
  EXPECT_THAT(refusal("\"name\": \"depth16\"", "\"name\": \"../16\""), HasSubstr("arms[1].name"));
  EXPECT_THAT(refusal("\"name\": \"depth16\"", "\"name\": \"depth4\""),
              HasSubstr("two have the name 'depth4'"));
  EXPECT_THAT(refusal("decode.p99_ns", "decode.p99_us"), HasSubstr("is not a metric"));
  EXPECT_THAT(refusal("\"margin\": 0.02", "\"margin\": 2"), HasSubstr("margin"));
  EXPECT_THAT(refusal("\"repeats\": 6", "\"repeats\": 0"), HasSubstr("repeats"));
  EXPECT_THAT(refusal("\"repeats\": 6", "\"repeats\": -6"), HasSubstr("not a whole number"));
  EXPECT_THAT(refusal("\"synthetic\"", "\"real\""), HasSubstr("neither synthetic nor trace"));
  EXPECT_THAT(refusal("\"iodepth\": \"4\"", "\"iodepth\": 4"),
              HasSubstr("'iodepth' is not a string"));
  EXPECT_THAT(refusal("}", "]"), HasSubstr("experiment.json:"));
}

TEST(Run, SortsTheEnginesClasses) {
  const auto run = read_run(kFixtures / "engine-run");
  ASSERT_TRUE(run) << run.error().message;
  // Two jobs: one carries decode only, so fio prints no labels for it; one replays all four.
  EXPECT_EQ(class_of(*run, IoClass::kDecode).latency.count(), 1009U + 600U);
  EXPECT_EQ(class_of(*run, IoClass::kPrefetch).latency.count(), 400U);
  EXPECT_EQ(class_of(*run, IoClass::kPrefill).latency.count(), 400U);
  EXPECT_EQ(class_of(*run, IoClass::kEvict).latency.count(), 200U);
  EXPECT_FALSE(run->classes[0]);
  EXPECT_EQ(class_of(*run, IoClass::kDecode).bytes, (1009U + 600U) * 4096U);
  EXPECT_EQ(class_of(*run, IoClass::kPrefetch).bytes, 400U * 8192U);
  EXPECT_EQ(class_of(*run, IoClass::kPrefill).bytes, 400U * 16384U);
  EXPECT_EQ(class_of(*run, IoClass::kDecode).errors, 0U);
  EXPECT_EQ(run->ios, 2609U);
  EXPECT_EQ(run->job_errors, 0U);
  // Only the decode job says how many decode I/Os were due.
  EXPECT_EQ(class_of(*run, IoClass::kDecode).issued_ios, 1009U);
  EXPECT_FALSE(class_of(*run, IoClass::kPrefetch).issued_ios);
}

TEST(Run, ReadsDeviceCountersAndTunables) {
  auto run = read_run(kFixtures / "engine-run");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(figure(*run, "utilisation"), std::nullopt);  // of how many dies?
  run->dies = 8;
  ASSERT_TRUE(run->counters);
  EXPECT_EQ(run->counters->at("decode").at("dispatched"), 1609U);
  EXPECT_EQ(run->counters->at("prefill").at("merged"), 1U);
  EXPECT_EQ(run->tunables.at("iosched/background_budget_kib"), "512");
  EXPECT_DOUBLE_EQ(*figure(*run, "utilisation"), 0.5);
  EXPECT_DOUBLE_EQ(*figure(*run, "cpu_busy"), 0.25);
  EXPECT_DOUBLE_EQ(*figure(*run, "virtual_ns_per_io"), 500000000.0 / 2609);
  EXPECT_EQ(figure(*run, "write_amplification"), std::nullopt);
  EXPECT_EQ(figure(*run, "normal.p99_ns"), std::nullopt);
  EXPECT_EQ(figure(*run, "prefetch.p99_ns"), std::nullopt);  // 400 samples
  EXPECT_TRUE(figure(*run, "decode.p99_ns"));
  EXPECT_EQ(figure(*run, "decode.p999_ns"), std::nullopt);
}

TEST(Run, WriteAmplificationIsOfADriveThatErases) {
  reports::Run run;
  run.device = {{"pages_programmed", "200"}, {"pages_moved", "50"}, {"blocks_erased", "0"}};
  EXPECT_EQ(figure(run, "write_amplification"), std::nullopt);
  run.device["blocks_erased"] = "3";
  EXPECT_DOUBLE_EQ(*figure(run, "write_amplification"), 1.25);
  run.device["slc_pages_moved"] = "100";
  EXPECT_DOUBLE_EQ(*figure(run, "write_amplification"), 1.75);
  run.device["blocks_erased"] = "0";
  EXPECT_DOUBLE_EQ(*figure(run, "write_amplification"), 1.75);
}

// Of the jobs that gave the class a deadline: the fixture's replay gave none.
TEST(Run, SharesOfMissedDeadlines) {
  const FolderCopy copy("engine-run");
  EXPECT_EQ(figure(*read_run(copy.path()), "decode.missed"), std::nullopt);
  ASSERT_TRUE(
      copy.replace("engine-decode.json",
                   "87974456,\n      \"deadline_ns\": null,\n      \"deadline_misses\": null",
                   "87974456,\n      \"deadline_ns\": 5,\n      \"deadline_misses\": 11"));
  const auto run = read_run(copy.path());
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_DOUBLE_EQ(figure(*run, "decode.missed").value(), 11.0 / 1009);
  EXPECT_EQ(figure(*run, "prefetch.missed"), std::nullopt);
  EXPECT_EQ(metric_title("prefetch.missed"), "prefetch deadlines missed");
}

TEST(Run, RefusesWhatDoesNotFit) {
  const auto refusal = [](const std::string& file, const std::string& from, const std::string& to) {
    const FolderCopy copy("engine-run");
    EXPECT_TRUE(copy.replace(file, from, to)) << from;
    const auto run = read_run(copy.path());
    EXPECT_FALSE(run) << file << ": " << to;
    return run ? "" : run.error().message;
  };
  EXPECT_THAT(refusal("engine-decode.json", "\"ios\": 1009", "\"ios\": 0"),
              HasSubstr("sidecar has none of that direction"));
  EXPECT_THAT(refusal("engine-decode.json", "kairo-engine-stats", "other"), HasSubstr("schema"));
  EXPECT_THAT(refusal("engine-decode.json", "\"decode\": {", "\"decoder\": {"),
              HasSubstr("not a class"));
  EXPECT_THAT(refusal("fio.json", "\"prio\" : 0", "\"prio\" : 5"),
              HasSubstr("label 1/5 belongs to no class"));
  EXPECT_THAT(refusal("counters-after.txt", "decode 1614", "decode 3"),
              HasSubstr("lower than before"));
  EXPECT_THAT(refusal("counters-after.txt", "class queued", "queued"), HasSubstr("no header line"));
  EXPECT_THAT(refusal("counters-after.txt", "2 0\n", "2\n"), HasSubstr("counters-after.txt:2"));
  EXPECT_THAT(refusal("tunables.txt", "iosched/", "scheduler x\niosched/"),
              HasSubstr("tunables.txt:2: 'scheduler' appears twice"));
  EXPECT_THAT(refusal("run.json", "\"cpu\": {", "\"cpus\": {"), HasSubstr("cpu: missing"));
  EXPECT_THAT(refusal("run.json", "\"repeat\": 1", "\"repeat\": \"1\""),
              HasSubstr("not a whole number"));
}

TEST(Folder, ReadsRunsInTheExperimentsOrder) {
  const auto folder = read_result_folder(kFixtures / "campaign");
  ASSERT_TRUE(folder) << folder.error().message;
  ASSERT_EQ(folder->runs.size(), 12U);
  EXPECT_TRUE(folder->missing.empty());
  EXPECT_EQ(folder->runs.front().record.arm, "depth4");
  EXPECT_EQ(folder->runs.back().record.arm, "depth16");
  EXPECT_EQ(folder->runs.back().record.repeat, 6U);
  // The writer's class comes from run.json.
  EXPECT_EQ(class_of(folder->runs[0], IoClass::kPrefill).latency.count(), 1201U);
}

TEST(Folder, ListsRunsThatDidNotFinish) {
  const FolderCopy copy("campaign");
  std::filesystem::remove(copy.path() / "runs/mix/depth4/3/run.json");
  std::filesystem::remove_all(copy.path() / "runs/mix/depth16/6");
  const auto folder = read_result_folder(copy.path());
  ASSERT_TRUE(folder) << folder.error().message;
  EXPECT_THAT(folder->missing, ElementsAre("mix/depth4/3", "mix/depth16/6"));
  EXPECT_EQ(folder->runs.size(), 10U);
}

TEST(Folder, RefusesWhatIsNotOne) {
  const FolderCopy none("fio");
  EXPECT_THAT(folder_refusal(none), HasSubstr("not a result folder"));
  const FolderCopy empty("campaign");
  std::filesystem::remove_all(empty.path() / "runs");
  EXPECT_THAT(folder_refusal(empty), HasSubstr("no finished run"));
  const FolderCopy moved("campaign");
  std::filesystem::remove_all(moved.path() / "runs/mix/depth4/1");
  std::filesystem::copy(moved.path() / "runs/mix/depth16/1", moved.path() / "runs/mix/depth4/1");
  EXPECT_THAT(folder_refusal(moved), HasSubstr("says mix/depth16/1"));
}

TEST(Folder, RefusesRunsOfSeveralFioVersions) {
  const FolderCopy copy("campaign");
  ASSERT_TRUE(copy.replace("runs/mix/depth16/2/fio.json", "fio-3.33", "fio-3.36"));
  EXPECT_THAT(folder_refusal(copy), HasSubstr("fio-3.36, but earlier runs have fio-3.33"));
}

TEST(Folder, NamesTheDamagedFile) {
  const FolderCopy copy("campaign");
  const std::string file = "runs/mix/depth16/2/fio.json";
  const std::string text = copy.read(file);
  copy.write(file, text.substr(0, text.size() / 3));
  EXPECT_THAT(folder_refusal(copy), HasSubstr("depth16/2/fio.json:"));
}

TEST(Inspect, ShowsEveryKindOfFile) {
  const auto shown = [](const std::string& name, bool json) {
    const auto text = inspect_file(kFixtures / name, json);
    return text ? *text : text.error().message;
  };
  EXPECT_THAT(shown("engine-run/fio.json", false), HasSubstr("read prefetch"));
  EXPECT_THAT(shown("engine-run/fio.json", true), HasSubstr("\"p99_ns\": null"));
  EXPECT_THAT(shown("engine-run/engine-replay.json", false),
              HasSubstr("prefetch           400 I/Os"));
  EXPECT_THAT(shown("engine-run/run.json", false), HasSubstr("run mix/kairo/1"));
  EXPECT_THAT(shown("campaign/experiment.json", false),
              HasSubstr("arm depth4: scheduler none (base)"));
  EXPECT_THAT(shown("golden/report.json", false), HasSubstr("INVALID"));
  EXPECT_THAT(shown("provenance.txt", false), HasSubstr("not fio's output"));
  EXPECT_THAT(shown("absent.json", false), HasSubstr("no such file"));
}

// fio leaves the ramp out, the sidecar does not: bytes of a split direction are then unknown.
TEST(RunFolder, ARampMakesTheSidecarsBytesUnknown) {
  const FolderCopy copy("engine-run");
  const auto before = read_run(copy.path());
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_FALSE(before->ramped);
  ASSERT_TRUE(before->classes[1]->bytes);
  ASSERT_TRUE(
      copy.replace("fio.json", "\"kv_trace\"", "\"ramp_time\" : \"1\",\n        \"kv_trace\""));
  const auto after = read_run(copy.path());
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_TRUE(after->ramped);
  EXPECT_FALSE(after->classes[1]->bytes);
}

}  // namespace
}  // namespace kairo::reports
