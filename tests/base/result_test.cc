// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace kairo::base {
namespace {

using Owner = std::unique_ptr<int>;

Result<Owner> owner(int value, unsigned* calls) {
  ++*calls;
  if (value < 0) return bad_input("{} is below 0", value);
  return std::make_unique<int>(value);
}

Status above(int value, int least) {
  if (value < least) return fail(ErrorCode::kShort, "{} is below {}", value, least);
  return {};
}

Result<int> sum(int a, int b, unsigned* calls) {
  KAIRO_TRY(const auto first, owner(a, calls));
  Owner second;
  KAIRO_TRY(second, owner(b, calls));
  return *first + *second;
}

Status each_above(const std::vector<int>& values) {
  for (const int value : values) KAIRO_CHECK(above(value, 3));
  if (values.empty())
    KAIRO_CHECK(above(0, 1));
  else
    KAIRO_CHECK(above(values.front(), 4));
  return {};
}

TEST(Result, TryIsTheValueAndAsksOnce) {
  unsigned calls = 0;
  EXPECT_EQ(sum(3, 4, &calls).value(), 7);
  EXPECT_EQ(calls, 2U);
}

TEST(Result, TryPassesTheFirstErrorOn) {
  unsigned calls = 0;
  const auto first = sum(-3, -4, &calls);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().message, "-3 is below 0");
  EXPECT_EQ(first.error().code, ErrorCode::kInput);
  EXPECT_EQ(calls, 1U);
  EXPECT_EQ(sum(3, -4, &calls).error().message, "-4 is below 0");
}

TEST(Result, CheckIsOneStatement) {
  EXPECT_TRUE(each_above({4, 3}));
  EXPECT_EQ(each_above({4, 2}).error().message, "2 is below 3");
  EXPECT_EQ(each_above({3}).error().message, "3 is below 4");
  EXPECT_EQ(each_above({}).error().message, "0 is below 1");
  EXPECT_EQ(each_above({}).error().code, ErrorCode::kShort);
}

}  // namespace
}  // namespace kairo::base
