// SPDX-License-Identifier: GPL-2.0-only
// The order of a replay, with and without dependencies, and the times of its sessions.
#include "schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::engine {
namespace {

using hint::Class;

Record record(std::uint64_t time, Class cls, std::uint32_t session) {
  return {time, 0, 4096, session, cls};
}

const std::vector<Record> kRecords = {
    record(0, Class::kPrefetch, 1), record(0, Class::kPrefill, 1), record(10, Class::kDecode, 1),
    record(20, Class::kDecode, 2),  record(30, Class::kDecode, 1),
};

TEST(Schedule, WithoutDependenciesTheFilesOrder) {
  Schedule schedule(kRecords, false);
  for (std::uint32_t i = 0; i < kRecords.size(); ++i) {
    const auto item = schedule.next();
    ASSERT_TRUE(item);
    EXPECT_EQ(item->record, i);
    EXPECT_EQ(item->due_ns, kRecords[i].time_ns);
  }
  EXPECT_FALSE(schedule.next());
  EXPECT_TRUE(schedule.done());
}

TEST(Schedule, ADecodeWaitsForItsOwnSessionOnly) {
  Schedule schedule(kRecords, true);
  EXPECT_EQ(schedule.next()->record, 0U);
  EXPECT_EQ(schedule.next()->record, 1U);
  EXPECT_EQ(schedule.next()->record, 3U);  // session 2 has loaded nothing
  EXPECT_FALSE(schedule.next());
  EXPECT_FALSE(schedule.done());
  schedule.completed(0, 15);
  EXPECT_FALSE(schedule.next());
  schedule.completed(1, 25);
  const auto first = schedule.next();
  EXPECT_EQ(first->record, 2U);
  EXPECT_EQ(first->due_ns, 25U);  // its time was 10
  const auto second = schedule.next();
  EXPECT_EQ(second->record, 4U);
  EXPECT_EQ(second->due_ns, 30U);
  EXPECT_TRUE(schedule.done());
}

TEST(Schedule, WhatIsReleasedOvertakesWhatIsNotDue) {
  const std::vector<Record> records = {record(0, Class::kPrefetch, 1), record(5, Class::kDecode, 1),
                                       record(1000, Class::kDecode, 2)};
  Schedule schedule(records, true);
  EXPECT_EQ(schedule.next()->record, 0U);
  const auto held = schedule.next();
  EXPECT_EQ(held->record, 2U);
  schedule.completed(0, 50);
  schedule.put_back(*held);
  EXPECT_EQ(schedule.next()->record, 1U);
  EXPECT_EQ(schedule.next()->record, 2U);
}

TEST(SessionTimes, FirstStepAndRate) {
  const std::vector<Record> records = {
      record(100, Class::kPrefill, 1), record(200, Class::kDecode, 1),
      record(200, Class::kDecode, 1),  record(300, Class::kDecode, 1),
      record(400, Class::kDecode, 1),  record(150, Class::kDecode, 7),
      record(500, Class::kDecode, 9),
  };
  SessionTimes times(records);
  EXPECT_TRUE(times.results().empty());
  times.completed(records[1], 1'000);
  EXPECT_TRUE(times.results().empty());  // half a step
  times.completed(records[2], 2'000);
  times.completed(records[3], 3'000);
  times.completed(records[4], 1'000'002'000);
  times.completed(records[5], 450);
  const auto results = times.results();
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].session, 1U);
  EXPECT_EQ(results[0].ttft_ns, 1'900U);
  EXPECT_EQ(results[0].steps, 3U);
  EXPECT_DOUBLE_EQ(results[0].steps_per_s.value(), 2.0);
  EXPECT_EQ(results[1].session, 7U);
  EXPECT_EQ(results[1].ttft_ns, 300U);
  EXPECT_FALSE(results[1].steps_per_s);
}

}  // namespace
}  // namespace kairo::engine
