// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/ktap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// As debugfs shows a suite on 6.12.
std::string suite(const std::string& cases, unsigned planned, const std::string& end) {
  return "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: flash\n    # module: kairo_ssd\n"
         "    1.." +
         std::to_string(planned) + "\n" + cases + end;
}

constexpr const char* kGood = "# flash: pass:2 fail:0 skip:0 total:2\nok 1 flash\n";

TEST(Ktap, CountsCasesAndNotSuites) {
  const auto result =
      parse_ktap(suite("    ok 1 read_test\n    ok 2 program_test\n", 2, kGood), "results");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->passed, 2U);
  EXPECT_EQ(result->skipped, 0U);
  EXPECT_THAT(result->failed, IsEmpty());
}

TEST(Ktap, NamesTheCaseThatFails) {
  const auto result = parse_ktap(
      suite("    # read_test: EXPECTATION FAILED at drivers/block/kairo_ssd/flash_test.c:95\n"
            "    Expected end.ns == s->end_ns, but\n"
            "    not ok 1 read_test\n    ok 2 program_test # SKIP no dies\n",
            2, "not ok 1 flash\n"),
      "results");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->failed, ElementsAre("flash.read_test"));
  EXPECT_EQ(result->skipped, 1U);
  EXPECT_EQ(result->passed, 0U);
}

TEST(Ktap, ParametersAreCasesOfTheirCase) {
  const auto result =
      parse_ktap(suite("        KTAP version 1\n        # Subtest: read_test\n        1..2\n"
                       "        ok 1 small\n        not ok 2 large\n    not ok 1 read_test\n",
                       1, "not ok 1 flash\n"),
                 "results");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->failed, ElementsAre("read_test.large"));
  EXPECT_EQ(result->passed, 1U);
}

TEST(Ktap, ASuiteThatStopsHalfWayIsRefused) {
  EXPECT_THAT(parse_ktap(suite("    ok 1 read_test\n", 2, ""), "results").error().message,
              HasSubstr("'flash' planned 2 results and gave 1"));
  EXPECT_THAT(parse_ktap(suite("    ok 1 read_test\n", 2, kGood), "results").error().message,
              HasSubstr("'flash' planned 2 results and gave 1"));
}

TEST(Ktap, TextWithoutResultsIsRefused) {
  EXPECT_THAT(parse_ktap("", "results").error().message, HasSubstr("results: no KTAP results"));
  EXPECT_THAT(parse_ktap("1..many\n", "results").error().message, HasSubstr("results:1:"));
}

}  // namespace
}  // namespace kairo::kernel
