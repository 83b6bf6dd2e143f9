// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "kairo/base/files.h"
#include "kairo/kernel/step_log.h"

namespace kairo::kernel {
namespace {

using testing::HasSubstr;
using testing::Not;

Step step(const std::string& name, int exit_status = 0, const std::string& series = "abc") {
  return {name, "kairo " + name,        "6.12.117", series, exit_status,
          7,    "2026-11-25T02:10:11Z", "note"};
}

TEST(Matrix, ACellIsWhatItsStepsSay) {
  const std::string text =
      kernel_matrix({step("check"), step("build-lab"), step("build-debug", 1),
                     step("boot-lab", 0, "other"), step("test-Carriers/HintCounters.A"),
                     step("test-HintCounters.B"), step("build-base", 0, "base-1"),
                     step("boot-base", 1, "base-1"), step("boot-base", 0, "base-0")},
                    "abc", "base-1");
  EXPECT_THAT(text,
              HasSubstr("| base | kernel | applies | builds | boots | counters | tracing | A/B |"));
  EXPECT_THAT(text,
              HasSubstr("| 6.12.117 | series | yes, 2026-11-25 | NO, 2026-11-25: build-debug | "
                        "n/a | yes, 2026-11-25 | n/a | n/a |"));
  EXPECT_THAT(text, HasSubstr("| 6.12.117 | base image | n/a | yes, 2026-11-25 | NO, 2026-11-25: "
                              "boot-base | n/a | n/a | n/a |"));
  EXPECT_THAT(
      text,
      HasSubstr("| check | 6.12.117 | series | `kairo check` | 0 | 7 | 2026-11-25T02:10:11Z |"));
  EXPECT_THAT(text, HasSubstr("Left out: 2 steps of other series.\n\n<!-- /measured -->\n"));
  EXPECT_THAT(text, HasSubstr("<!-- measured: series=abc command=\"kairo kernel matrix\" -->\n"));
  EXPECT_THAT(text, HasSubstr("Series abc, "));
  EXPECT_THAT(kernel_matrix({}, "abc", "base-1"), Not(HasSubstr("6.12")));
}

TEST(Steps, AreReadBackAsTheyWereLeft) {
  const auto cache = base::TempDir::create("kairo-steps-");
  ASSERT_TRUE(cache);
  const char* const before = std::getenv("KAIRO_CACHE");
  const std::string saved = before == nullptr ? "" : before;
  ::setenv("KAIRO_CACHE", cache->path().c_str(), 1);
  ASSERT_TRUE(base::write_below(cache->path(), "6.12/src/Makefile",
                                "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\n"));
  Step left = step("test-A/B.C");
  const auto noted = leave_step(left, std::chrono::steady_clock::now());
  EXPECT_TRUE(noted) << noted.error().message;
  const auto steps = read_steps(steps_dir());
  ASSERT_TRUE(steps) << steps.error().message;
  ASSERT_EQ(steps->size(), 1U);
  EXPECT_EQ(steps->front().name, left.name);
  EXPECT_EQ(steps->front().base, "6.12.117");
  EXPECT_EQ(steps->front().series, "abc");
  EXPECT_EQ(steps->front().finished.size(), 20U);
  ASSERT_TRUE(base::write_file(steps_dir() / "x.json", "{\"schema\": \"kairo-kernel-step\"}"));
  EXPECT_THAT(read_steps(steps_dir()).error().message, HasSubstr("x.json: not a step"));
  if (before == nullptr)
    ::unsetenv("KAIRO_CACHE");
  else
    ::setenv("KAIRO_CACHE", saved.c_str(), 1);
}

}  // namespace
}  // namespace kairo::kernel
