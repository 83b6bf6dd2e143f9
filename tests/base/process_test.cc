// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "kairo/base/files.h"
#include "kairo/base/text.h"

namespace kairo::base {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Process, KeepsOutputErrorsAndStatusApart) {
  const auto result = run({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
}

TEST(Process, GivesInputDirectoryAndEnvironment) {
  const auto result = run({.argv = {"sh", "-c", "cat; pwd; echo $KAIRO_TEST"},
                           .directory = "/",
                           .environment = {{"KAIRO_TEST", "yes"}},
                           .input = "in\n"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out, "in\n/\nyes\n");
}

TEST(Process, LargeInputAndOutputDoNotDeadlock) {
  const std::string input(4U << 20, 'x');
  const auto result = run({.argv = {"cat"}, .input = input});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out, input);
}

TEST(Process, LinesArriveWhole) {
  std::vector<std::string> lines;
  const auto result = run({.argv = {"sh", "-c", "printf 'a\\nb'; echo c >&2; printf 'd'"},
                           .on_line = [&](std::string_view line) { lines.emplace_back(line); }});
  ASSERT_TRUE(result);
  EXPECT_THAT(lines, ElementsAre("a", "bd"));
}

TEST(Process, TimeOutKillsTheWholeGroup) {
  const auto result =
      run({.argv = {"sh", "-c", "sleep 100 & echo $!; sleep 100"}, .timeout = milliseconds(500)});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->exit_code, 128 + 9);
  // Nobody waits for the one in the background; dead, it may be there as a zombie.
  const auto lines = split_lines(result->out);
  ASSERT_EQ(lines.size(), 1U);
  const std::string other(lines.front());
  bool gone = false;
  for (int i = 0; i < 100 && !gone; ++i) {
    const auto stat = read_file("/proc/" + other + "/stat", 4096);
    gone = !stat || stat->find(") Z ") != std::string::npos;
    if (!gone) std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_TRUE(gone) << other;
}

TEST(Process, KeepGoingStopsIt) {
  int calls = 0;
  const auto result = run({.argv = {"sleep", "100"}, .keep_going = [&] { return ++calls < 3; }});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->stopped);
  EXPECT_FALSE(result->timed_out);
  EXPECT_EQ(calls, 3);
}

TEST(Process, WhatCannotStartIsAnError) {
  EXPECT_THAT(run({.argv = {"no-such-program"}}).error().message, HasSubstr("not found on PATH"));
  EXPECT_THAT(run({.argv = {"/etc/passwd"}}).error().message, HasSubstr("Permission denied"));
}

TEST(Process, RunOkQuotesTheCommandAndItsLastWords) {
  const auto result = run_ok({.argv = {"sh", "-c", "echo because >&2; exit 9"}});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("status 9"));
  EXPECT_THAT(result.error().message, HasSubstr("because"));
  EXPECT_THAT(result.error().message, HasSubstr("sh -c 'echo because >&2; exit 9'"));
}

}  // namespace
}  // namespace kairo::base
