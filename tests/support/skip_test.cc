// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/test_support/skip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "kairo/base/process.h"

namespace kairo::test_support {
namespace {

using ::testing::HasSubstr;

// The program's exit status and words when only that test of it is run.
base::ProcessResult run(const std::string& test, bool no_skip) {
  std::vector<std::string> argv = {"env", "-u", "KAIRO_NO_SKIP"};
  if (no_skip) argv.emplace_back("KAIRO_NO_SKIP=1");
  argv.emplace_back(KAIRO_SKIPPING_PROGRAM);
  argv.push_back("--gtest_filter=" + test);
  const auto done = base::run({.argv = argv, .merge_stderr = true});
  EXPECT_TRUE(done) << (done ? "" : done.error().message);
  return done.value_or(base::ProcessResult{});
}

TEST(Skip, IsAFailureWhereNothingMayBeSkipped) {
  for (const auto& [test, reason] : {std::pair{"Test.Skips", "no such package"},
                                     {"Fixture.Skips", "no such fixture"},
                                     {"Suite.Skips", "no such suite"}}) {
    EXPECT_EQ(run(test, false).exit_code, 0) << test;
    const auto failed = run(test, true);
    EXPECT_EQ(failed.exit_code, 1) << test << failed.out;
    EXPECT_THAT(failed.out, HasSubstr("KAIRO_NO_SKIP")) << test;
    EXPECT_THAT(failed.out, HasSubstr(reason)) << test;
  }
}

TEST(Skip, OfWhatNobodyCanInstallStaysOne) {
  for (const bool no_skip : {false, true}) {
    const auto skipped = run("Test.SkipsForGood", no_skip);
    EXPECT_EQ(skipped.exit_code, 0) << skipped.out;
    EXPECT_THAT(skipped.out, HasSubstr("[  SKIPPED ] Test.SkipsForGood"));
  }
}

TEST(Skip, OfAProgramIsItsExitStatus) {
  EXPECT_EQ(run("Program.Skips", false).exit_code, 77);
  const auto failed = run("Program.Skips", true);
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.out, HasSubstr("FAILED (KAIRO_NO_SKIP): no such program"));
  EXPECT_EQ(run("Program.SkipsForGood", true).exit_code, 77);
}

}  // namespace
}  // namespace kairo::test_support
