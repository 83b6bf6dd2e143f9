// SPDX-License-Identifier: GPL-2.0-only
// What a trace cannot show is said before a kernel is looked for; what has no I/O is left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/trace/sample.h"
#include "plan/campaign_plan.h"
#include "plan/request.h"
#include "plan/workload_gaps.h"
#include "plan/workload_source.h"
#include "run_command.h"

namespace kairo::experiments {
namespace {

using hint::Class;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::filesystem::path kSource = KAIRO_SOURCE_DIR;
const std::filesystem::path kAzure = kSource / "tests/fixtures/traces/azure2024-mixed.csv";
const std::filesystem::path kBurst = kSource / "tests/fixtures/traces/burstgpt.csv";

ClassCounts counts(std::uint64_t decode, std::uint64_t prefetch, std::uint64_t prefill,
                   std::uint64_t evict) {
  ClassCounts out = {};
  out[hint::index(Class::kDecode)] = decode;
  out[hint::index(Class::kPrefetch)] = prefetch;
  out[hint::index(Class::kPrefill)] = prefill;
  out[hint::index(Class::kEvict)] = evict;
  return out;
}

std::vector<std::string> gaps(const ClassCounts& ios, unsigned repeats) {
  return workload_gaps(ios, 2'000'000'000, reports::default_metrics(), repeats);
}

TEST(WorkloadGaps, KnownAnswers) {
  // Azure's code trace, in 2 s.
  EXPECT_THAT(
      gaps(counts(52, 0, 366, 183), 6),
      ElementsAre("prefetch: no I/O in the window; its jobs are left out, its figures are n/a",
                  "decode: p99 needs 1,000 I/Os, the window has 52, 6 runs 312: n/a",
                  "a longer window has more (kairo trace import FILE --length 43s -o W, then "
                  "--trace W)"));
  EXPECT_THAT(gaps(counts(1000, 1000, 1, 1), 6), IsEmpty());
  EXPECT_THAT(gaps(counts(999, 1000, 1, 1), 2),
              ElementsAre("decode: p99 needs 1,000 I/Os, the window has 999: one figure of all 2 "
                          "runs, without an interval",
                          HasSubstr("--length 3s")));
  EXPECT_THAT(gaps(counts(499, 1000, 1, 1), 2), Contains(HasSubstr("499, 2 runs 998: n/a")));
}

TEST(WorkloadGaps, AbsentClasses) {
  EXPECT_THAT(absent_classes(counts(1, 1, 1, 1)), IsEmpty());
  EXPECT_THAT(absent_classes(counts(0, 1, 0, 1)), ElementsAre("decode", "prefill"));
}

Campaign campaign_of(const ClassCounts& ios) {
  Campaign out;
  auto definition = load_definition(kSource / "experiments/01-decode-priority");
  EXPECT_TRUE(definition) << definition.error().message;
  out.definition = std::move(*definition);
  EXPECT_TRUE(select_loads(out.definition, {"trace"}));
  Campaign::Workload workload;
  workload.ios = ios;
  out.workloads.emplace("trace", workload);
  return out;
}

TEST(Jobs, WithoutARecordToReplayAreLeftOut) {
  const Campaign campaign = campaign_of(counts(5, 0, 5, 0));
  const auto jobs = prepare_jobs(campaign);
  ASSERT_TRUE(jobs) << jobs.error().message;
  ASSERT_EQ(jobs->by_run.size(), campaign.definition.arms.size());
  const auto right = AllOf(HasSubstr("[global]"), HasSubstr("[decode]"), HasSubstr("[prefill]"),
                           Not(HasSubstr("[prefetch]")), Not(HasSubstr("[evict]")),
                           Not(HasSubstr("kv_class=evict")));
  EXPECT_THAT(jobs->by_load.at("trace"), right);
  for (const auto& [run, text] : jobs->by_run) EXPECT_THAT(text, right) << run.second;
}

// A change names a job of the file, whether the trace has something for it or not.
TEST(Jobs, ChangesMayNameAJobThatIsLeftOut) {
  Campaign campaign = campaign_of(counts(5, 0, 5, 0));
  campaign.overrides = {{"prefetch", "iodepth", "8"}};
  EXPECT_TRUE(prepare_jobs(campaign));
  campaign.workloads.at("trace").ios = counts(1, 1, 1, 1);
  EXPECT_THAT(prepare_jobs(campaign)->by_load.at("trace"),
              AllOf(HasSubstr("[prefetch]"), HasSubstr("[evict]")));
}

TEST(Jobs, TakeTheirClassFromGlobalToo) {
  constexpr std::string_view kJob =
      "[a]\nkv_class=decode\n[global]\nkv_class=prefetch\n[b]\nbs=4k\n[c]\nkv_class = evict\n"
      "[d]\nkv_class=decode,evict\n";
  EXPECT_EQ(remove_jobs_of(kJob, {"prefetch"}),
            "[a]\nkv_class=decode\n[global]\nkv_class=prefetch\n[c]\nkv_class = evict\n"
            "[d]\nkv_class=decode,evict\n");
  EXPECT_EQ(remove_jobs_of(kJob, {"decode", "evict"}),
            "[global]\nkv_class=prefetch\n[b]\nbs=4k\n[d]\nkv_class=decode,evict\n");
  EXPECT_EQ(remove_jobs_of(kJob, {}), kJob);
}

class Check : public testing::Test {
 protected:
  void SetUp() override {
    options_.names = {"01"};
    options_.loads = {"trace"};
    options_.repeats = 6;
    options_.out = dir_.path() / "out";
    options_.check = true;
  }

  base::Status run() {
    testing::internal::CaptureStderr();
    auto done = run_experiments(options_);
    said_ = testing::internal::GetCapturedStderr();
    return done;
  }

  base::TempDir dir_ = *base::TempDir::create("kairo-check-");
  RunOptions options_;
  std::string said_;
};

TEST_F(Check, SaysWhatATraceCannotShowAndMakesNothing) {
  options_.trace = kAzure;
  options_.kernel = "/nonexistent";
  const auto done = run();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(said_, HasSubstr("load trace: prefetch: no I/O in the window"));
  EXPECT_THAT(said_, HasSubstr("load trace: decode: no I/O in the window"));
  const auto few = dir_.path() / "few.jsonl";
  ASSERT_TRUE(base::write_file(few, trace::make_sample(60, 2)));
  options_.trace = few;
  ASSERT_TRUE(run());
  EXPECT_EQ(said_,
            "load trace: decode: p99 needs 1,000 I/Os, the window has 102, 6 runs 612: n/a\n"
            "load trace: prefetch: p99 needs 1,000 I/Os, the window has 144, 6 runs 864: n/a\n"
            "load trace: a longer window has more (kairo trace import FILE --length 22s -o W, then "
            "--trace W)\n");
  EXPECT_FALSE(std::filesystem::exists(options_.out));
}

// What is replayed without --trace: nothing is missing for any metric, and what was computed before
// the window is more than the flash tier holds. With a shorter one it is less.
TEST_F(Check, TheGeneratedTraceIsLongEnough) {
  const auto done = run();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(said_, "");
  const auto definition = read_definition(options_, "01").value();
  const auto profile = load_profile(kSource / "experiments/profiles/reference.toml").value();
  const GeneratedTrace wanted = definition.loads.at(0).generated.value();
  const auto times_filled = [&](unsigned requests) {
    const auto file = dir_.path() / "generated.jsonl";
    EXPECT_TRUE(base::write_file(file, trace::make_sample(requests, wanted.seed)));
    const auto loaded = load_workload(file, profile).value();
    EXPECT_TRUE(loaded.workload.sample);
    std::map<std::string, std::string> facts(loaded.header.begin(), loaded.header.end());
    return std::stod(facts.at("computed_before_bytes")) / std::stod(facts.at("flash_bytes"));
  };
  EXPECT_GT(times_filled(wanted.requests), 1.2);
  EXPECT_LT(times_filled(200), 0.5);
}

// Every run in its order, what each arm sets and each load runs; and nothing is made for it.
TEST_F(Check, ADryRunPrintsThePlanAndWritesNothing) {
  options_.check = false;
  options_.dry_run = true;
  options_.names = {"11"};
  options_.loads = {};
  options_.repeats = 2;
  options_.kernel = "/nonexistent";
  testing::internal::CaptureStdout();
  const auto done = run();
  const std::string plan = testing::internal::GetCapturedStdout();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(std::filesystem::exists(options_.out));
  EXPECT_THAT(said_, HasSubstr(" runs in "));
  EXPECT_THAT(plan, HasSubstr("kairo experiment run 11-no-hint-regression --repeats 2\n"));
  EXPECT_THAT(plan, HasSubstr("\nprofile reference: dies=8 "));
  EXPECT_THAT(plan, HasSubstr("\nboot: base kernel, seed 1\n"));
  EXPECT_THAT(plan, HasSubstr("\nboot: patched kernel, seed 2\n"));
  const auto definition = read_definition(options_, "11").value();
  std::size_t order = 0;
  for (unsigned repeat = 1; repeat <= 2; ++repeat)
    for (const Boot& boot : boots_of(definition, repeat))
      for (const PlannedRun& run : boot.runs)
        EXPECT_THAT(plan, HasSubstr(fmt::format("{:>4} load {} arm {} repeat {}\n", ++order,
                                                run.run.load->name, run.run.arm->name, repeat)));
  EXPECT_EQ(order, 2 * definition.loads.size() * definition.arms.size());
}

TEST_F(Check, ADryRunTellsWhatIsReplayed) {
  options_.check = false;
  options_.dry_run = true;
  for (const auto& [trace, line] :
       {std::pair<std::string, std::string>{
            "", "  replays a generated trace: kairo trace sample --requests 800 --seed 2\n"},
        {kAzure, "  replays " + kAzure.string() + "\n"}}) {
    options_.trace = trace;
    testing::internal::CaptureStdout();
    EXPECT_TRUE(run());
    EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr(line));
  }
}

TEST_F(Check, ADryRunRefusesWhatARunWould) {
  options_.check = false;
  options_.dry_run = true;
  options_.sets = {"nobody.iodepth=1"};
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("nobody"));
}

TEST_F(Check, RefusesATraceThatCannotBeRead) {
  options_.trace = kSource / "tests/fixtures/traces/out-of-order.jsonl.gz";
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::kInput);
  EXPECT_THAT(done.error().message, HasSubstr("out-of-order.jsonl.gz:3: "));
}

TEST_F(Check, TheTraceIsNotIgnored) {
  options_.trace = kAzure;
  options_.loads = {"mix"};
  auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::kUsage);
  EXPECT_THAT(done.error().message,
              HasSubstr("--trace: no load that was chosen replays a trace (experiments with one: "
                        "01-decode-priority)"));
  options_.loads = {};
  options_.names = {"06"};
  EXPECT_FALSE(run());
  options_.names = {"06", "01"};  // one of them does
  EXPECT_TRUE(run());
  options_.names = {"01"};
  options_.target = "hosts";
  options_.device = "/dev/null";
  done = run();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("--trace: the hosts do not have the file"));
}

TEST_F(Check, WorkloadsCarryTheirCounts) {
  const auto profile = load_profile(kSource / "experiments/profiles/reference.toml");
  ASSERT_TRUE(profile) << profile.error().message;
  const auto loaded = load_workload(kBurst, *profile);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_TRUE(loaded->imported);
  const ClassCounts ios = count_classes(loaded->workload);
  EXPECT_EQ(ios[hint::index(Class::kPrefetch)], 0U);
  EXPECT_GT(ios[hint::index(Class::kPrefill)], 0U);
  const auto fixed =
      load_workload(kSource / "tests/fixtures/traces/generated-12.workload", *profile);
  ASSERT_TRUE(fixed) << fixed.error().message;
  EXPECT_FALSE(fixed->imported);
}

}  // namespace
}  // namespace kairo::experiments
