// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/suggest.h"

#include <gtest/gtest.h>

namespace kairo::base {
namespace {

const std::vector<std::string> kKnown = {"compare", "inspect", "--arms", "--loads", "kyber", "bfq"};

TEST(Suggest, TheNearestWord) {
  EXPECT_EQ(nearest_word("ocmpare", kKnown), "compare");  // neighbours swapped: one step
  EXPECT_EQ(nearest_word("--arm", kKnown), "--arms");
  EXPECT_EQ(nearest_word("insect", kKnown), "inspect");
  EXPECT_EQ(nearest_word("kybre", kKnown), "kyber");
  EXPECT_EQ(nearest_word("bfq", kKnown), "bfq");
  EXPECT_EQ(nearest_word("bqf", kKnown), "bfq");  // as two steps it would be too far
}

TEST(Suggest, NothingIsNearToAnotherWord) {
  EXPECT_EQ(nearest_word("fly", kKnown), "");
  EXPECT_EQ(nearest_word("co", kKnown), "");
  EXPECT_EQ(nearest_word("", kKnown), "");
  EXPECT_EQ(nearest_word("inspect", {}), "");
  EXPECT_EQ(nearest_word(std::string(100000, 'x'), {std::string(100000, 'x')}), "");
}

// One step for three letters begun: "abc" may be one away, "abcd" two.
TEST(Suggest, LongerWordsMayBeFurtherAway) {
  EXPECT_EQ(nearest_word("abc", {"axc"}), "axc");
  EXPECT_EQ(nearest_word("abc", {"axx"}), "");
  EXPECT_EQ(nearest_word("abcd", {"axxd"}), "axxd");
  EXPECT_EQ(nearest_word("abcd", {"axxx"}), "");
}

TEST(Suggest, InWords) {
  EXPECT_EQ(did_you_mean("ocmpare", kKnown), " (did you mean compare?)");
  EXPECT_EQ(did_you_mean("fly", kKnown), "");
}

}  // namespace
}  // namespace kairo::base
