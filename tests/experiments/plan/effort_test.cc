// SPDX-License-Identifier: GPL-2.0-only
#include "plan/effort.h"

#include <gtest/gtest.h>

#include "plan/campaign_plan.h"

namespace kairo::experiments {
namespace {

Definition two_loads() {
  Definition out;
  out.repeats = 6;
  out.seconds = 2;
  out.arms.resize(3);
  out.profiles = {"a.toml"};
  out.loads.resize(2);
  out.loads[1].repeats = 1;
  out.loads[1].seconds = 10;
  for (std::size_t i = 0; i < out.arms.size(); ++i) out.arms[i].name = std::to_string(i);
  for (std::size_t i = 0; i < out.loads.size(); ++i) out.loads[i].name = std::to_string(i);
  return out;
}

TEST(Effort, CountsRunsBootsAndSeconds) {
  Definition definition = two_loads();
  const Effort one = effort_of(definition);
  EXPECT_EQ(one.runs, 6U * 3 + 3);
  EXPECT_EQ(one.runs, planned_runs(definition).size());
  EXPECT_EQ(one.boots, 6U);
  EXPECT_EQ(one.load_seconds, 6U * 3 * 2 + 3 * 10);
  definition.profiles.push_back("b.toml");
  const Effort both = effort_of(definition);
  EXPECT_EQ(both.runs, 2 * one.runs);
  EXPECT_EQ(both.boots, 12U);
  EXPECT_EQ(both.load_seconds, 2 * one.load_seconds);
}

// The quickstart, which was measured: 2 minutes of two cores.
TEST(Effort, EstimatesTheQuickstart) {
  EXPECT_EQ(estimated_minutes({36, 6, 72}, 2), 2U);
  EXPECT_EQ(estimated_minutes({36, 6, 72}, 1), 4U);
  EXPECT_EQ(estimated_minutes({1, 1, 1}, 2), 1U);
  EXPECT_EQ(estimated_minutes({600, 600, 0}, 1), 50U);
  // No more guests than boots.
  EXPECT_EQ(estimated_minutes({100, 1, 600}, 8), estimated_minutes({100, 1, 600}, 1));
  EXPECT_EQ(estimated_minutes({1, 1, 600}, 0), 30U);
}

// A run keeps its place, so that what an interrupt has left is run as planned.
TEST(Plan, NumbersAllRunsOnce) {
  const Definition definition = two_loads();
  unsigned order = 0;
  for (const PlannedRun& planned : planned_runs(definition)) EXPECT_EQ(planned.order, ++order);
  EXPECT_EQ(order, 21U);
}

}  // namespace
}  // namespace kairo::experiments
