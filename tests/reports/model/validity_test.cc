// SPDX-License-Identifier: GPL-2.0-only
// How valid a report is, and what is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using testing::make_folder;
using testing::must_build;

bool has_reason(const Report& report, const std::string& code, Validity level) {
  for (const Reason& reason : report.reasons) {
    if (reason.code == code && reason.level == level) return true;
  }
  return false;
}

TEST(Validity, ACompleteExperimentIsValid) {
  const Report report = must_build(make_folder(8, 0.5));
  EXPECT_EQ(overall(report.reasons), Validity::kValid);
  // Not even a note: nothing is to be said about it.
  EXPECT_THAT(reason_lines(report.reasons), ::testing::IsEmpty());
}

TEST(Validity, EveryReasonIsFound) {
  const auto reason = [](const std::string& code, Validity level, auto&& change) {
    ResultFolder folder = make_folder(8, 0.5);
    change(folder);
    const Report report = must_build(folder);
    EXPECT_TRUE(has_reason(report, code, level)) << code;
    EXPECT_EQ(overall(report.reasons), level) << code;
  };
  const auto invalid = Validity::kInvalid;
  const auto degraded = Validity::kDegraded;
  reason("incomplete", invalid, [](ResultFolder& f) { f.missing.emplace_back("mix/test/9"); });
  reason("incomplete", invalid, [](ResultFolder& f) { f.experiment.complete = false; });
  reason("fixture", invalid, [](ResultFolder& f) { f.experiment.fixture = true; });
  reason("fio-failed", invalid, [](ResultFolder& f) { f.runs[0].record.fio_exit = 1; });
  reason("job-error", invalid, [](ResultFolder& f) { f.runs[0].job_errors = 1; });
  reason("short-io", invalid, [](ResultFolder& f) { f.runs[0].short_ios = 1; });
  reason("engine-errors", invalid, [](ResultFolder& f) { f.runs[0].classes[1]->errors = 3; });
  reason("scheduler", invalid,
         [](ResultFolder& f) { f.runs[0].tunables["scheduler"] = "none [kyber]"; });
  reason("setting", invalid, [](ResultFolder& f) {
    f.experiment.arms[0].tunables["kv_classes"] = "1";
    f.runs[0].tunables["iosched/kv_classes"] = "0";
  });
  reason("sample", degraded, [](ResultFolder& f) { f.experiment.loads[0].sample = true; });
  reason("guest-cpu", degraded, [](ResultFolder& f) {
    for (auto& run : f.runs) run.record.cpu_busy_ns = 6000000000;
  });
  reason("overload", degraded, [](ResultFolder& f) {
    EngineStats engine;
    engine.job = "decode";
    engine.classes[1] = EngineClass{20000, 20000ULL * 65536, 0, 0, 0};
    engine.offered_ios = 40000;
    engine.issued_ios = 20000;
    f.runs[0].engines.push_back(engine);
  });
  reason("count-mismatch", degraded, [](ResultFolder& f) {
    EngineStats engine;
    engine.job = "decode";
    engine.classes[1] = EngineClass{15000, 0, 0, 0, 0};
    f.runs[0].engines.push_back(engine);
  });
  reason("arms-left-out", degraded, [](ResultFolder& f) {
    f.experiment.environment["arms_left_out"] = "kairo: this kernel has no scheduler kairo";
  });
  reason("carrier", Validity::kValid, [](ResultFolder& f) {
    EngineStats engine;
    engine.path_asked = "auto";
    engine.path_used = "ioprio";
    f.runs[0].engines.push_back(engine);
  });
  reason("dirty", Validity::kValid,
         [](ResultFolder& f) { f.experiment.environment["tool"] = "abc-dirty"; });
  reason("cpu-unknown", Validity::kValid, [](ResultFolder& f) {
    f.runs[0].record.cpu_busy_ns.reset();
    for (auto& run : f.runs) run.record.cpu_idle_ns.reset();
  });
}

// A generated trace is no real one, which is a note; where the cache was not full before what is
// replayed, or nobody knows, it is a doubt.
TEST(Validity, AGeneratedTraceIsSaidAndAShortOneIsDoubted) {
  ResultFolder folder = make_folder(8, 0.5);
  EngineStats engine;
  engine.sample = true;
  folder.runs[0].engines.push_back(engine);
  EXPECT_TRUE(has_reason(must_build(folder), "sample", Validity::kDegraded));
  Load& load = folder.experiment.loads[0];
  load.sample = true;
  load.workload = {{"flash_bytes", "1000"}, {"computed_before_bytes", "999"}};
  EXPECT_TRUE(has_reason(must_build(folder), "sample", Validity::kDegraded));
  load.workload["computed_before_bytes"] = "1000";
  const Report report = must_build(folder);
  EXPECT_TRUE(has_reason(report, "generated", Validity::kValid));
  EXPECT_EQ(overall(report.reasons), Validity::kValid);
}

// What is the kernel's doing has no arm; what is found in the same run after it has.
TEST(Validity, AReasonNamesItsArm) {
  ResultFolder folder = make_folder(8, 0.5);
  EngineStats engine;
  engine.path_asked = "auto";
  engine.path_used = "ioprio";
  folder.runs[0].engines.push_back(engine);
  folder.runs[0].tunables["scheduler"] = "none [kyber]";
  std::map<std::string, std::string> arms;
  for (const Reason& reason : must_build(folder).reasons) arms[reason.code] = reason.arm;
  EXPECT_EQ(arms["carrier"], "");
  EXPECT_EQ(arms["scheduler"], folder.runs[0].record.arm);
}

TEST(Validity, ARampIsNoMismatch) {
  ResultFolder folder = make_folder(8, 0.5);
  EngineStats engine;
  engine.job = "decode";
  engine.classes[1] = EngineClass{24000, 0, 0, 0, 0};
  folder.runs[0].engines.push_back(engine);
  EXPECT_TRUE(has_reason(must_build(folder), "count-mismatch", Validity::kDegraded));
  folder.runs[0].ramped = true;
  EXPECT_FALSE(has_reason(must_build(folder), "count-mismatch", Validity::kDegraded));
  // Fewer than fio measured is wrong with a ramp, too.
  folder.runs[0].engines[0].classes[1]->ios = 16000;
  EXPECT_TRUE(has_reason(must_build(folder), "count-mismatch", Validity::kDegraded));
}

TEST(Validity, FewRunsAreSaid) {
  EXPECT_TRUE(has_reason(must_build(make_folder(5, 0.5)), "few-runs", Validity::kDegraded));
}

TEST(Validity, TheSameReasonIsSaidOnce) {
  ResultFolder folder = make_folder(8, 0.5);
  for (auto& run : folder.runs) run.short_ios = 1;
  const Report report = must_build(folder);
  unsigned seen = 0;
  for (const Reason& reason : report.reasons) {
    if (reason.code != "short-io") continue;
    ++seen;
    EXPECT_EQ(
        reason_text(reason),
        fmt::format("mix, {}: short or dropped I/Os: 1 and 0 in run 1 and 7 more", reason.arm));
  }
  EXPECT_EQ(seen, 2U);  // once per arm
}

}  // namespace
}  // namespace kairo::reports
