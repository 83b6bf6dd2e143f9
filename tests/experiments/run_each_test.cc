// SPDX-License-Identifier: GPL-2.0-only
// Several experiments, one after the other.
#include "run_each.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "run_command.h"

namespace kairo::experiments {
namespace {

namespace fs = std::filesystem;
using reports::ExperimentVerdict;
using testing::HasSubstr;

ExperimentVerdict verdict(const std::string& name, std::string objection = {}) {
  ExperimentVerdict out;
  out.name = name;
  out.validity = reports::Validity::kValid;
  out.objection = std::move(objection);
  return out;
}

TEST(RunEach, OneThatFailsDoesNotStopTheOthers) {
  std::vector<std::string> ran;
  const RunOne run = [&](const std::string& name) -> base::Result<ExperimentVerdict> {
    ran.push_back(name);
    if (name == "b") return base::bad_input("b.toml: no arms");
    return verdict(name);
  };
  testing::internal::CaptureStderr();
  const RunsOfAll done = run_each({"a", "b", "c"}, false, run);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("kairo: b.toml: no arms\n"));
  EXPECT_THAT(ran, testing::ElementsAre("a", "b", "c"));
  ASSERT_EQ(done.verdicts.size(), 3U);
  EXPECT_EQ(done.verdicts[0].failure, "");
  EXPECT_EQ(done.verdicts[1].name, "b");
  EXPECT_EQ(done.verdicts[1].failure, "b.toml: no arms");
  EXPECT_EQ(done.verdicts[2].failure, "");
  ASSERT_TRUE(done.first);
  EXPECT_EQ(done.first->code, base::ErrorCode::kInput);
}

TEST(RunEach, AMissFailsTheGateOnly) {
  const RunOne run = [](const std::string& name) -> base::Result<ExperimentVerdict> {
    return verdict(name, name == "b" ? "mix, quicker: MISS" : "");
  };
  EXPECT_FALSE(run_each({"a", "b"}, false, run).first);
  testing::internal::CaptureStderr();
  const RunsOfAll done = run_each({"a", "b", "c"}, true, run);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("gate: mix, quicker: MISS"));
  ASSERT_TRUE(done.first);
  EXPECT_EQ(done.first->code, base::ErrorCode::kShort);
  EXPECT_EQ(done.verdicts.size(), 3U);
  EXPECT_EQ(done.verdicts[1].failure, "");
}

TEST(RunEach, AnInterruptEndsAllAndSaysSo) {
  std::signal(SIGINT, SIG_DFL);
  const base::InterruptGuard guard;
  const RunOne run = [](const std::string& name) -> base::Result<ExperimentVerdict> {
    std::raise(SIGINT);
    return base::fail(base::kInterrupted, "{} interrupted", name);
  };
  const RunsOfAll done = run_each({"a", "b"}, false, run);
  EXPECT_EQ(done.verdicts.at(1).failure, "interrupted before it began");
  EXPECT_EQ(done.first->code, base::kInterrupted);
}

// The one that was interrupted was finished all the same.
TEST(RunEach, WhatDidNotBeginIsNoSuccess) {
  std::signal(SIGINT, SIG_DFL);
  const base::InterruptGuard guard;
  const RunOne run = [](const std::string& name) -> base::Result<ExperimentVerdict> {
    std::raise(SIGINT);
    return verdict(name);
  };
  const RunsOfAll done = run_each({"a", "b"}, false, run);
  EXPECT_EQ(done.verdicts.at(0).failure, "");
  ASSERT_TRUE(done.first);
  EXPECT_EQ(done.first->code, base::kInterrupted);
}

// `all` of an installation in which no experiment can be read.
TEST(RunAll, LeavesAPageOfAll) {
  const base::InterruptGuard guard;  // forgets what an earlier test raised
  const auto made = base::TempDir::create("kairo-all-");
  ASSERT_TRUE(made) << made.error().message;
  for (const char* const name : {"experiments/01-one", "experiments/02-two"})
    ASSERT_TRUE(base::write_below(made->path() / name, "experiment.toml", "nonsense = 1\n"));
  const char* const before = ::getenv("KAIRO_HOME");
  const std::string home = before == nullptr ? "" : before;
  ::setenv("KAIRO_HOME", made->path().c_str(), 1);
  RunOptions options;
  options.names = {"all"};
  options.out = made->path() / "results";
  testing::internal::CaptureStdout();
  const auto done = run_experiments(options);
  const std::string said = testing::internal::GetCapturedStdout();
  before == nullptr ? ::unsetenv("KAIRO_HOME") : ::setenv("KAIRO_HOME", home.c_str(), 1);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("not every experiment passed"));
  EXPECT_THAT(said, HasSubstr("\n02-two      FAILED   "));
  EXPECT_THAT(said, HasSubstr("2 experiments: 0 VALID with every claim met, 0 not, 2 failed\n"));
  for (const char* const name : {"verdicts.md", "verdicts.html"})
    EXPECT_THAT(base::read_file(fs::path(options.out) / "all" / name).value_or(""),
                HasSubstr("01-one"));
}

}  // namespace
}  // namespace kairo::experiments
