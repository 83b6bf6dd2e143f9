// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "kairo/trace/arrivals.h"

namespace kairo::trace {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kSecond = 1'000'000'000;

// `requests` requests at each of `times` (seconds), one new block each.
std::string trace(const std::vector<std::pair<int, int>>& times_and_requests) {
  std::string out;
  int id = 0;
  for (const auto& [time, requests] : times_and_requests) {
    for (int i = 0; i < requests; ++i)
      out += fmt::format(
          "{{\"timestamp\":{},\"input_length\":1,\"output_length\":1,\"hash_ids\":[{}]}}\n",
          time * 1000, id++);
  }
  return out;
}

RequestReader reader(const std::string& text) {
  return std::move(*RequestReader::from_stream(std::make_unique<std::istringstream>(text), "t"));
}

TEST(Survey, FindsACoarseClock) {
  const auto coarse = survey(reader(trace({{0, 5}, {3, 4}, {6, 6}, {10, 1}})));
  ASSERT_TRUE(coarse);
  EXPECT_EQ(coarse->requests, 16U);
  EXPECT_EQ(coarse->ticks.size(), 4U);
  EXPECT_EQ(clock_tick_ns(*coarse), 3 * kSecond);
  const auto fine = survey(reader(trace({{0, 1}, {3, 1}, {6, 2}, {10, 1}})));
  ASSERT_TRUE(fine);
  EXPECT_EQ(clock_tick_ns(*fine), 0U);
}

TEST(Arrivals, SpreadsATickAndKeepsOrderAndCount) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Arrivals arrivals(reader(trace({{0, 50}, {3, 50}, {4, 50}, {60, 50}})), 3 * kSecond, seed);
    std::uint64_t last = 0;
    std::uint64_t expected_id = 0;
    std::vector<std::uint64_t> times;
    for (;;) {
      const auto next = arrivals.next();
      ASSERT_TRUE(next);
      if (!*next) break;
      EXPECT_GE((*next)->time_ns, last);
      EXPECT_EQ((*next)->blocks[0], expected_id++);
      last = (*next)->time_ns;
      times.push_back(last);
    }
    ASSERT_EQ(times.size(), 200U);
    EXPECT_LT(times[49], 3 * kSecond);
    EXPECT_GE(times[50], 3 * kSecond);
    EXPECT_LT(times[99], 4 * kSecond);   // not past the next timestamp
    EXPECT_LT(times[149], 7 * kSecond);  // nor past the tick
    EXPECT_GE(times[150], 60 * kSecond);
    EXPECT_GT(times[40], times[10]);
  }
}

TEST(Arrivals, ZeroLeavesTimesAlone) {
  Arrivals arrivals(reader(trace({{0, 2}, {3, 1}})), 0, 1);
  EXPECT_EQ((*arrivals.next())->time_ns, 0U);
  EXPECT_EQ((*arrivals.next())->time_ns, 0U);
  EXPECT_EQ((*arrivals.next())->time_ns, 3 * kSecond);
  EXPECT_FALSE((*arrivals.next()).has_value());
}

TEST(Window, TypicalOneAvoidsIdleAndBusyStretches) {
  // Idle, then 2 a second, a burst, 2 a second, idle.
  std::vector<std::pair<int, int>> load = {{0, 1}};
  for (int s = 40; s < 60; ++s) load.emplace_back(s, 2);
  for (int s = 60; s < 64; ++s) load.emplace_back(s, 40);
  for (int s = 64; s < 90; ++s) load.emplace_back(s, 3);
  load.emplace_back(100, 1);
  const auto seen = survey(reader(trace(load)));
  ASSERT_TRUE(seen);
  const Window window = typical_window(*seen, 4 * kSecond, 0);
  EXPECT_EQ(window.duration_ns, 4 * kSecond);
  EXPECT_GE(window.begin_ns, 56 * kSecond);
  EXPECT_LE(window.begin_ns, 90 * kSecond);
}

// Nothing for most of the time: the most usual window would be an empty one.
TEST(Window, TypicalOneHasRequests) {
  const auto two = survey(reader(trace({{0, 1}, {7200, 1}})));
  ASSERT_TRUE(two);
  EXPECT_EQ(typical_window(*two, 16 * kSecond, 0).begin_ns, 0U);
  const auto middle = survey(reader(trace({{0, 1}, {5000, 1}, {7200, 1}})));
  ASSERT_TRUE(middle);
  const Window window = typical_window(*middle, 16 * kSecond, 0);
  EXPECT_LE(window.begin_ns, 5000 * kSecond);
  EXPECT_GT(window.begin_ns + window.duration_ns, 5000 * kSecond);
  // All of it in the last moment, where no whole window lies before the end.
  const auto end = survey(
      reader("{\"timestamp\":0,\"input_length\":0,\"output_length\":0,\"hash_ids\":[]}\n"
             "{\"timestamp\":60000,\"input_length\":5,\"output_length\":0,\"hash_ids\":[1]}\n"));
  ASSERT_TRUE(end);
  EXPECT_EQ(typical_window(*end, 16 * kSecond, 0).begin_ns, 60 * kSecond);
}

TEST(Window, AShortTraceIsTakenWhole) {
  const auto seen = survey(reader(trace({{0, 1}, {3, 1}})));
  ASSERT_TRUE(seen);
  const Window window = typical_window(*seen, 16 * kSecond, 0);
  EXPECT_EQ(window.begin_ns, 0U);
  EXPECT_EQ(window.duration_ns, 16 * kSecond);
}

TEST(Window, Parse) {
  const auto window = parse_window("600s:16s");
  ASSERT_TRUE(window);
  EXPECT_EQ(window->begin_ns, 600 * kSecond);
  EXPECT_EQ(window->duration_ns, 16 * kSecond);
  for (const char* text :
       {"", "600s", "600:16", "600s:0s", "600s:-1s", ":", "600s:16s:2s", "1s:99999999h"}) {
    const auto bad = parse_window(text);
    ASSERT_FALSE(bad) << text;
    EXPECT_EQ(bad.error().code, base::ErrorCode::kUsage);
    EXPECT_THAT(bad.error().message, HasSubstr("--window: "));
  }
}

TEST(Survey, RefusesATraceWithoutRequests) {
  const auto seen = survey(reader("TIMESTAMP,ContextTokens,GeneratedTokens\n"));
  ASSERT_FALSE(seen);
  EXPECT_THAT(seen.error().message, HasSubstr("t: has no requests"));
}

}  // namespace
}  // namespace kairo::trace
