// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/verdict.h"

#include <gtest/gtest.h>

namespace kairo::reports {
namespace {

const Metric kLatency = {"decode.p99_ns", Better::kLower, 0.02};
const Metric kRate = {"prefill.bytes_per_s", Better::kHigher, 0.02};

TEST(Verdict, DirectionDecides) {
  EXPECT_EQ(decide(kLatency, {10, 10, 7, 0.5, 0.001}), Verdict::kImproved);
  EXPECT_EQ(decide(kLatency, {10, 10, 7, 1.5, 0.001}), Verdict::kRegressed);
  EXPECT_EQ(decide(kRate, {10, 10, 7, 0.5, 0.001}), Verdict::kRegressed);
  EXPECT_EQ(decide(kRate, {10, 10, 7, 1.5, 0.001}), Verdict::kImproved);
}

TEST(Verdict, WithinTheMarginIsNoDifference) {
  EXPECT_EQ(decide(kLatency, {10, 10, 7, 0.985, 0.001}), Verdict::kNoDifference);
  EXPECT_EQ(decide(kLatency, {10, 10, 7, 0.975, 0.001}), Verdict::kImproved);
}

TEST(Verdict, UnsureIsNoDifference) {
  EXPECT_EQ(decide(kLatency, {10, 10, 7, 0.5, 0.051}), Verdict::kNoDifference);
}

// Three against three separate completely with p = 0.1: such data cannot decide.
TEST(Verdict, TooFewRunsAreNotEnoughData) {
  EXPECT_EQ(decide(kLatency, {3, 3, 1, 0.01, 0.1}), Verdict::kNotEnoughData);
  EXPECT_EQ(decide(kLatency, {4, 4, 1, 0.01, 0.029}), Verdict::kImproved);
  // Seven rows ask for 0.05 / 7, which five against five cannot give and six can.
  EXPECT_EQ(decide(kLatency, {5, 5, 7, 0.01, 0.056}), Verdict::kNotEnoughData);
  EXPECT_EQ(decide(kLatency, {6, 6, 7, 0.01, 0.016}), Verdict::kImproved);
}

TEST(Verdict, MissingFiguresAreNotEnoughData) {
  EXPECT_EQ(decide(kLatency, {10, 10, 7, std::nullopt, 0.001}), Verdict::kNotEnoughData);
  EXPECT_EQ(decide(kLatency, {10, 10, 7, 0.5, std::nullopt}), Verdict::kNotEnoughData);
}

TEST(Validity, TheWorstReasonCounts) {
  EXPECT_EQ(overall({}), Validity::kValid);
  std::vector<Reason> reasons = {{Validity::kValid, "spread", "", "", ""}};
  EXPECT_EQ(overall(reasons), Validity::kValid);
  reasons.push_back({Validity::kInvalid, "incomplete", "", "", ""});
  reasons.push_back({Validity::kDegraded, "sample", "", "", ""});
  EXPECT_EQ(overall(reasons), Validity::kInvalid);
}

}  // namespace
}  // namespace kairo::reports
