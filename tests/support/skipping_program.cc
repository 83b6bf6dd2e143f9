// SPDX-License-Identifier: GPL-2.0-only
// Tests that skip, for skip_test.cc.
#include <gtest/gtest.h>

#include "kairo/test_support/skip.h"

namespace kairo::test_support {
namespace {

TEST(Test, Skips) {
  GTEST_SKIP() << "no such package";
}

TEST(Test, SkipsForGood) {
  GTEST_SKIP() << kCannotBeHere << "another kernel";
}

class Fixture : public ::testing::Test {
 protected:
  void SetUp() override { GTEST_SKIP() << "no such fixture"; }
};

TEST_F(Fixture, Skips) {
  FAIL() << "is not reached";
}

class Suite : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { GTEST_SKIP() << "no such suite"; }
};

TEST_F(Suite, Skips) {}

TEST(Program, Skips) {
  skip_program("no such program");
}

TEST(Program, SkipsForGood) {
  skip_program(std::string(kCannotBeHere) + "no namespaces");
}

}  // namespace
}  // namespace kairo::test_support
