// SPDX-License-Identifier: GPL-2.0-only
// Pages: what is a figure, what is a block, and what each has to say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kairo/evidence/page.h"

namespace kairo::evidence {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Page page_of(const std::string& text) {
  auto page = parse_page(text, "a.md");
  EXPECT_TRUE(page) << page.error().message;
  return page ? *page : Page{};
}

std::string refused(const std::string& text) {
  const auto page = parse_page(text, "a.md");
  EXPECT_FALSE(page);
  return page ? "" : page.error().message;
}

std::vector<std::size_t> lines_of(const std::vector<Problem>& problems) {
  std::vector<std::size_t> out;
  for (const Problem& problem : problems) out.push_back(problem.line);
  return out;
}

bool has_figure(const std::string& text) {
  return !without_source(page_of(text)).empty();
}

TEST(Figure, LatenciesRatesRatiosAndPercentilesAreFound) {
  for (const char* text :
       {"took 881 µs", "took 1.5 ms each", "a read of 42us", "2,300 MB/s", "1.75 GB/s", "374 IOPS",
        "16,000 requests/s", "0.047 times mq-deadline's", "3x faster", "3 × as much",
        "decode p99 590 and", "p99.9 is 229", "at 0.98 of the prefill", "(20.8 ms)"})
    EXPECT_TRUE(has_figure(text)) << text;
}

TEST(Figure, OtherNumbersAreNot) {
  for (const char* text :
       {"1,009 decode I/Os", "8 dies of 64 KiB", "fio-3.33", "the p99 of decode", "x86 and arm64",
        "20 mst", "Linux 6.12", "5 % of it", "`budget 20 ms`", "<!-- 20 ms -->", "[a](b.md#20 ms)"})
    EXPECT_FALSE(has_figure(text)) << text << "?";
}

TEST(Figure, OfTheHeadOfItsColumn) {
  const auto found = without_source(
      page_of("| arm | decode p99 µs | runs |\n|---|--:|--:|\n| none | 27,918 | 6 |\n"
              "| kairo | n/a | 6 |\n| `slots` | 20 ms | 6 |\n"));
  EXPECT_THAT(lines_of(found), ElementsAre(3));
  EXPECT_THAT(found.at(0).text, HasSubstr("figure without a source: 27,918 ("));
}

TEST(Figure, IsChosenInAPlanASettingOrCode) {
  EXPECT_FALSE(has_figure("**What runs.** Writes\nof 20 ms.\n"));
  EXPECT_FALSE(has_figure("```\n20 ms\n```\n"));
  EXPECT_FALSE(has_figure("<!-- settings -->\n20 ms\n<!-- /settings -->\n"));
  EXPECT_THAT(lines_of(without_source(page_of(
                  "**Why.** 1 ms.\n\n20 ms\n\n<!-- settings -->\n<!-- /settings -->\n3 ms\n"))),
              ElementsAre(3, 7));
}

constexpr const char* kBlock =
    "<!-- measured: series=0123456789ab command=\"kairo kernel matrix\" -->\n";

TEST(Block, HoldsFiguresWithASource) {
  EXPECT_FALSE(has_figure(std::string(kBlock) + "881 µs\n<!-- /measured -->\n"));
  EXPECT_TRUE(has_figure(std::string(kBlock) + "881 µs\n<!-- /measured -->\n882 µs\n"));
}

TEST(Block, OfAnotherSeriesSaysSo) {
  const auto silent = [](const std::string& series, const std::string& text) {
    return silent_series(page_of("<!-- measured: series=" + series + " command=x -->\n" + text +
                                 "\n<!-- /measured -->\n"),
                         "0123456789ab");
  };
  EXPECT_THAT(silent("0123456789ab", "881 µs"), IsEmpty());
  EXPECT_THAT(silent("none", "881 µs"), IsEmpty());
  EXPECT_THAT(silent("ba9876543210", "On Series\nba9876543210, 881 µs"), IsEmpty());
  EXPECT_THAT(silent("\"31 patches\"", "of the series of 31 patches"), IsEmpty());
  const auto found = silent("ba9876543210", "of series 0123456789ab");
  ASSERT_THAT(lines_of(found), ElementsAre(1));
  EXPECT_THAT(found[0].text, HasSubstr("series ba9876543210, the tree has 0123456789ab"));
  EXPECT_THAT(lines_of(silent("\"31 patches\"", "of series 131 patches")), ElementsAre(1));
}

TEST(Block, NamesItsCommandOrSaysThatThereIsNone) {
  const auto asked = [](const std::string& command, const std::string& text) {
    return without_command(page_of("<!-- measured: series=none command=" + command + " -->\n" +
                                   text + "\n<!-- /measured -->\n"));
  };
  EXPECT_THAT(asked("x", "1 ms"), IsEmpty());
  EXPECT_THAT(asked("none", "1 ms, no\ncommand repeats it"), IsEmpty());
  EXPECT_THAT(lines_of(asked("none", "1 ms")), ElementsAre(1));
  EXPECT_THAT(asked("\"\"", "| claim | command |\n|---|---|\n| 1 ms | `x` |"), IsEmpty());
  EXPECT_THAT(lines_of(asked("\"\"", "| claim | made |\n|---|---|\n| 1 ms | `x` |")),
              ElementsAre(1));
}

TEST(Block, IsOpenedAndClosedOnce) {
  EXPECT_THAT(refused("text\n" + std::string(kBlock)),
              HasSubstr("a.md:2: what begins here has no"));
  EXPECT_THAT(refused("<!-- /measured -->\n"),
              HasSubstr("a.md:1: <!-- /measured --> ends nothing"));
  EXPECT_THAT(refused(std::string(kBlock) + "<!-- settings -->\n"),
              HasSubstr("a.md:2: in the block"));
  EXPECT_THAT(refused(std::string(kBlock) + "<!-- /settings -->\n"),
              HasSubstr("a.md:2: <!-- /sett"));
  EXPECT_THAT(refused("<!-- measured: series=1\n"), HasSubstr("a <!-- is not closed"));
}

TEST(Block, MembersAreKnownAndThere) {
  EXPECT_THAT(refused("<!-- measured: sereis=1 command=x -->\n"),
              HasSubstr("did you mean series?"));
  EXPECT_THAT(refused("<!-- measured: series=1 -->\n"), HasSubstr("no command"));
  EXPECT_THAT(refused("<!-- measured: series=1 series=2 command=x -->\n"),
              HasSubstr("given twice"));
  EXPECT_THAT(refused("<!-- measured: series=31 patches command=x -->\n"),
              HasSubstr("\"patches command=x\" is no NAME=VALUE"));
}

std::vector<std::string> keyed(const Page& page) {
  std::vector<std::string> out;
  for (const Figure& figure : page.blocks.at(0).figures)
    out.push_back(figure.text + " " + figure.key);
  return out;
}

TEST(Keys, StandBehindANumberOrInTheHeadOfTheBlock) {
  const Page page = page_of(
      "<!-- measured: series=1 command=x\n"
      "  columns=\"- mix/{row}/decode.p99_us;mix/{row}/prefill.bytes_per_s/none\" -->\n"
      "**0.047**<!-- mix/kairo/decode.p99_us/none --> times\n\n"
      "| arm | kernel | p99 / rate |\n|---|---|--:|\n"
      "| none | base | 27,918 / 1 |\n| **kairo** | 6 | **228 / 0.97** |\n<!-- /measured -->\n");
  EXPECT_THAT(keyed(page),
              ElementsAre("0.047 mix/kairo/decode.p99_us/none", "27,918 mix/none/decode.p99_us",
                          "1 mix/none/prefill.bytes_per_s/none", " ", "228 mix/kairo/decode.p99_us",
                          "0.97 mix/kairo/prefill.bytes_per_s/none"));
  for (const Figure& figure : page.blocks[0].figures)
    EXPECT_EQ(page.line(figure.line).substr(figure.column, figure.text.size()), figure.text);
}

TEST(Keys, MustBeOnesAndFitTheTable) {
  const std::string open = "<!-- measured: series=1 command=x columns=\"mix/{row}/decode.p99_us\"";
  const std::string table = "| arm | a |\n|---|---|\n| none | 1 |\n<!-- /measured -->\n";
  EXPECT_THAT(keyed(page_of(open + " -->\n" + table)), ElementsAre("1 mix/none/decode.p99_us"));
  EXPECT_THAT(keyed(page_of(open + " -->\n|arm|a|\n|---|---|\n|none|1|\n<!-- /measured -->\n")),
              ElementsAre("1 mix/none/decode.p99_us"));
  EXPECT_THAT(keyed(page_of(open + " rows=kyber -->\n" + table)),
              ElementsAre("1 mix/kyber/decode.p99_us"));
  EXPECT_THAT(refused(open + " rows=\"a b\" -->\n" + table), HasSubstr("2 words for 1 rows"));
  EXPECT_THAT(refused(open + " -->\n| arm |\n|---|\n| none |\n<!-- /measured -->\n"),
              HasSubstr("1 words for the 0 columns"));
  EXPECT_THAT(refused(open + " -->\n<!-- /measured -->\n"), HasSubstr("no table"));
  EXPECT_THAT(refused(open + " -->\n| arm | a |\n|---|---|\n| none | – |\n<!-- /measured -->\n"),
              HasSubstr("no number for mix/none/decode.p99_us"));
  EXPECT_THAT(refused("881<!-- mix/kairo/decode.p99_us -->\n"), HasSubstr("in no measured block"));
  EXPECT_THAT(refused(std::string(kBlock) + "881<!-- mix/kairo/decode.p98_us -->\n"),
              HasSubstr("a.md:2: mix/kairo/decode.p98_us: decode.p98_us is no metric"));
}

TEST(Keys, WhatHasNoneIsTold) {
  const Page page = page_of(
      "<!-- measured: series=1 command=x columns=\"mix/{row}/decode.p99_us -\" -->\n"
      "5 ms and 0.5<!-- mix/kairo/decode.p99_us/none --> times\n"
      "| arm | p99 µs | runs |\n|---|---|---|\n| kairo | 228 | 6 |\n<!-- /measured -->\n");
  const auto open = without_key(page, page.blocks.at(0));
  EXPECT_THAT(lines_of(open), ElementsAre(2, 5));
  EXPECT_EQ(open[0].text, "no key: 5");
}

}  // namespace
}  // namespace kairo::evidence
