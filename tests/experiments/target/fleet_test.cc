// SPDX-License-Identifier: GPL-2.0-only
// Two fio servers on this machine as the hosts of a campaign.
#include "target/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/reports/report.h"
#include "plan/environment.h"

namespace kairo::experiments {
namespace {

using testing::HasSubstr;

TEST(Fleet, HostsHaveNamesAndPorts) {
  EXPECT_EQ(parse_host("10.0.0.1")->port, 8765U);
  EXPECT_EQ(parse_host("box:99")->name, "box");
  EXPECT_EQ(parse_host("box:99")->port, 99U);
  for (const char* const bad : {"", ":99", "box:", "box:0", "box:70000", "a b", "a,b"})
    EXPECT_FALSE(parse_host(bad)) << bad;
}

Definition definition_with(std::vector<reports::Arm> arms) {
  Definition out;
  out.name = "fleet";
  out.question = "Does it reach every host?";
  out.base_arm = arms.front().name;
  out.arms = std::move(arms);
  out.repeats = 2;
  out.seconds = 1;
  out.metrics = reports::default_metrics();
  return out;
}

LoadDefinition load(const std::string& name, const std::filesystem::path& job) {
  LoadDefinition out;
  out.name = name;
  out.job = job;
  return out;
}

TEST(Fleet, QueuesAreNotOurs) {
  Definition differs = definition_with({{"none", "none", {}}, {"kairo", "kairo", {}}});
  differs.loads = {load("mix", "mix.fio")};
  EXPECT_THAT(fit_to_fleet(differs).error().message,
              HasSubstr("name one arm per run (--arms none)"));
  Definition same = definition_with({{"a", "none"}, {"b", "none"}});
  same.arms[1].job_options = {{"iodepth", "4"}};
  same.loads = {load("mix", "mix.fio"), load("trace", "trace.fio")};
  same.loads[1].trace = "t.jsonl";
  const auto left_out = fit_to_fleet(same);
  ASSERT_TRUE(left_out) << left_out.error().message;
  EXPECT_THAT(*left_out, testing::ElementsAre(HasSubstr("trace: replays a file")));
  EXPECT_EQ(same.loads.size(), 1U);
}

// `fio --server` until the object goes away.
class Server {
 public:
  explicit Server(unsigned port)
      : thread_([this, port] {
          static_cast<void>(
              base::run({.argv = {"fio", fmt::format("--server=ip:127.0.0.1,{}", port)},
                         .keep_going = [this] { return !stop_.load(); }}));
        }) {}
  ~Server() {
    stop_ = true;
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class TwoServers : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(dir_);
    ASSERT_TRUE(base::write_file(dir_->path() / "mix.fio",
                                 "[global]\nioengine=${KAIRO_ENGINE}\nfilename=${KAIRO_DEV}\n"
                                 "kv_stats=${KAIRO_OUT}/engine-%j.json\nkv_path=label\n"
                                 "direct=1\nbs=16k\nrandseed=${KAIRO_SEED}\n"
                                 "[reader]\nrw=randread\nkv_class=decode\nnumber_ios=1009\n"
                                 "[writer]\nrw=randwrite\nnumber_ios=503\n"));
    ASSERT_TRUE(
        base::run_ok({.argv = {"dd", "if=/dev/zero", "of=" + (dir_->path() / "disk").string(),
                               "bs=1M", "count=32"}}));
    campaign_.definition = definition_with({{"as-found", "none", {}}});
    campaign_.definition.loads = {load("mix", dir_->path() / "mix.fio")};
    const auto profile = load_profile(experiments_dir() / "profiles/reference.toml");
    ASSERT_TRUE(profile) << profile.error().message;
    campaign_.profile = *profile;
    campaign_.fio = base::find_program("fio");
    campaign_.out_dir = dir_->path() / "result";
    fleet_.device = (dir_->path() / "disk").string();
    fleet_.engine = KAIRO_ENGINE_PATH;
    fleet_.hosts = {{"127.0.0.1", 18767}, {"127.0.0.1", 18768}};
  }
  base::Result<base::TempDir> dir_ = base::TempDir::create("kairo-fleet-");
  Campaign campaign_;
  Fleet fleet_;
};

TEST_F(TwoServers, ResultsOfBothAreOne) {
  {
    const Server one(fleet_.hosts[0].port);
    const Server two(fleet_.hosts[1].port);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    std::vector<std::string> told;
    const auto tell = [&](const Progress& progress) { told.push_back(progress.what); };
    const auto done = run_fleet_campaign(campaign_, fleet_, tell);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(told.size(), 2U);
    // What is there is not done again.
    ASSERT_TRUE(run_fleet_campaign(campaign_, fleet_, tell));
    EXPECT_EQ(told.size(), 2U);
  }
  const auto report = reports::compare_folders({campaign_.out_dir}, "", campaign_.out_dir);
  ASSERT_TRUE(report) << report.error().message;
  const auto& arm = report->loads.front().arms.front();
  ASSERT_EQ(arm.hosts.size(), 2U);
  for (const auto io_class : {reports::IoClass::kDecode, reports::IoClass::kPrefill}) {
    const auto i = static_cast<std::size_t>(io_class);
    const double each = io_class == reports::IoClass::kDecode ? 1009 : 503;
    ASSERT_TRUE(arm.classes[i]);
    constexpr auto kIos = reports::place_of(reports::kClassFigures, "ios");
    EXPECT_EQ(arm.classes[i]->figures[kIos].median, 2 * each);
    for (const auto& [host, classes] : arm.hosts)
      EXPECT_EQ(classes[i]->figures[kIos].median, each) << host;
  }
  EXPECT_THAT(base::read_file(campaign_.out_dir / "report.md").value_or(""),
              HasSubstr("### decode by host"));
}

TEST_F(TwoServers, AHostThatIsNotThereIsNamed) {
  const auto done = run_fleet_campaign(campaign_, fleet_, [](const Progress&) {});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("fio --client failed"));
  EXPECT_THAT(done.error().message, HasSubstr("127.0.0.1"));
}

}  // namespace
}  // namespace kairo::experiments
