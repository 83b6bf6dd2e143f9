// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <set>

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
  const std::string text = kernel_matrix(
      {step("check"), step("build-lab"), step("build-debug", 1), step("boot-lab", 0, "other"),
       step("test-Carriers/HintCounters.A"), step("test-HintCounters.B"),
       step("build-base", 0, "base-1"), step("boot-base", 1, "base-1"),
       step("boot-base", 0, "base-0"), step("build-stock", 0, "stock-abc"),
       step("test-GuestStock.A", 0, "stock-abc"), step("build-stock", 0, "stock-abd")},
      "abc", "base-1");
  EXPECT_THAT(text,
              HasSubstr("| base | kernel | applies | builds | boots | counters | tracing | A/B |"));
  EXPECT_THAT(text,
              HasSubstr("| 6.12.117 | series | yes, 2026-11-25 | NO, 2026-11-25: build-debug | "
                        "n/a | yes, 2026-11-25 | n/a | n/a |"));
  EXPECT_THAT(text, HasSubstr("| 6.12.117 | base image | n/a | yes, 2026-11-25 | NO, 2026-11-25: "
                              "boot-base | n/a | n/a | n/a |"));
  EXPECT_THAT(text,
              HasSubstr("| 6.12.117 | Debian's, with the module | n/a | yes, 2026-11-25 | n/a | "
                        "yes, 2026-11-25 | n/a | n/a |"));
  EXPECT_THAT(
      text,
      HasSubstr("| check | 6.12.117 | series | `kairo check` | 0 | 7 | 2026-11-25T02:10:11Z |"));
  EXPECT_THAT(text, HasSubstr("Left out: 3 steps of other series.\n\n<!-- /measured -->\n"));
  EXPECT_THAT(text, HasSubstr("<!-- measured: series=abc command=\"kairo kernel matrix\" -->\n"));
  EXPECT_THAT(text, HasSubstr("Series abc, "));
  EXPECT_THAT(kernel_matrix({}, "abc", "base-1"), Not(HasSubstr("6.12")));
}

// "test-SUITE" of every guest test, as guest_lab.cc notes them.
std::set<std::string> steps_of_guest_tests() {
  static const std::regex test(R"(\nTEST(?:_F)?\((\w+),)");
  static const std::regex suite(R"(\nINSTANTIATE_TEST_SUITE_P\(\s*(\w+),\s*(\w+),)");
  std::set<std::string> out;
  const std::filesystem::path folder = std::filesystem::path(KAIRO_SOURCE_DIR) / "tests/guest";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string text = base::read_file(file.path(), 1 << 20).value_or("");
    for (std::sregex_iterator it(text.begin(), text.end(), test), end; it != end; ++it)
      out.insert("test-" + it->str(1));
    for (std::sregex_iterator it(text.begin(), text.end(), suite), end; it != end; ++it)
      out.insert("test-" + it->str(1) + "/" + it->str(2));
  }
  return out;
}

// A suite that is renamed would leave its column n/a for ever.
TEST(Matrix, EveryColumnFindsItsSteps) {
  const std::set<std::string> of_tests = steps_of_guest_tests();
  EXPECT_GT(of_tests.size(), 10U);
  const std::set<std::string> of_commands = {
      "check", "build-lab", "build-debug", "build-base", "build-stock", "boot-", "experiment-"};
  for (const MatrixColumn& column : matrix_columns())
    for (const std::string_view name : column.names) {
      const bool of_test =
          std::any_of(of_tests.begin(), of_tests.end(),
                      [&](const std::string& step) { return step.starts_with(name); });
      EXPECT_TRUE(of_test || of_commands.contains(std::string(name)))
          << column.title << ": no step begins with " << name;
    }
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
