// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "kairo/test_support/skip.h"

namespace kairo::test_support {
namespace {

// What the skips of a result said, if one of them is a failure.
std::string failing_skips(const ::testing::TestResult& result) {
  std::string reasons;
  bool fails = false;
  for (int i = 0; i < result.total_part_count(); ++i) {
    const ::testing::TestPartResult& part = result.GetTestPartResult(i);
    if (!part.skipped()) continue;
    reasons += std::string("\n") + part.message();
    fails = fails || skip_fails(part.message());
  }
  return fails ? reasons : "";
}

// Adds a failure while the test is still the running one, so that it counts as failed.
class SkipsFail : public ::testing::EmptyTestEventListener {
  void OnTestEnd(const ::testing::TestInfo& test) override {
    const std::string reasons = failing_skips(*test.result());
    if (!reasons.empty()) ADD_FAILURE() << "skipped although KAIRO_NO_SKIP is set:" << reasons;
  }
};

}  // namespace
}  // namespace kairo::test_support

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  all.listeners().Append(new kairo::test_support::SkipsFail);
  const int status = RUN_ALL_TESTS();
  // Skips of environments and of whole suites belong to no test.
  std::string reasons = kairo::test_support::failing_skips(all.ad_hoc_test_result());
  for (int i = 0; i < all.total_test_suite_count(); ++i)
    reasons += kairo::test_support::failing_skips(all.GetTestSuite(i)->ad_hoc_test_result());
  if (!reasons.empty()) std::printf("FAILED (KAIRO_NO_SKIP): skipped:%s\n", reasons.c_str());
  return reasons.empty() ? status : 1;
}
