// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::base {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, TrimTakesBlanksFromBothEnds) {
  EXPECT_EQ(trim(" \ta b\r"), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \t\r"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, LinesEndWithANewlineOrTheText) {
  EXPECT_THAT(split_lines("a\n\n b \nc"), ElementsAre("a", "", " b ", "c"));
  EXPECT_THAT(split_lines("a\n"), ElementsAre("a"));
  EXPECT_THAT(split_lines("\n"), ElementsAre(""));
  EXPECT_THAT(split_lines(""), IsEmpty());
}

TEST(Text, WordsAreWhatIsBetweenBlanks) {
  EXPECT_THAT(split_words("  one\ttwo  three\r"), ElementsAre("one", "two", "three"));
  EXPECT_THAT(split_words(" \t"), IsEmpty());
}

TEST(Text, TheSelectedOneIsInBrackets) {
  EXPECT_EQ(selected("none [kairo] bfq"), "kairo");
  EXPECT_EQ(selected("[none] mq-deadline"), "none");
  EXPECT_EQ(selected("none"), "none");
  EXPECT_EQ(selected("none] [kairo"), "none] [kairo");
  EXPECT_EQ(selected(""), "");
}

TEST(Text, AnExcerptIsShortAndPrintable) {
  EXPECT_EQ(excerpt("a\x1b[1m\tb\xff"), "a?[1m?b?");
  EXPECT_EQ(excerpt(std::string(40, 'x')), std::string(40, 'x'));
  EXPECT_EQ(excerpt(std::string(41, 'x')), std::string(40, 'x') + "...");
  EXPECT_EQ(excerpt("abcd", 3), "abc...");
}

}  // namespace
}  // namespace kairo::base
