// SPDX-License-Identifier: GPL-2.0-only
// Keys, the reports they are looked up in, and figures that are compared and written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/files.h"
#include "kairo/evidence/compare.h"

namespace kairo::evidence {
namespace {

using testing::HasSubstr;

ResultReport report_of(const std::string& device) {
  return {.file = device + "/report.json",
          .experiment = "01-decode-priority",
          .device = device,
          .series = "28fe2ade5b78",
          .figures = {{"mix/none/decode.p99_ns", 43778048},
                      {"mix/kairo/decode.p99_ns", 880640},
                      {"mix/kairo/decode.p999_ns", std::nullopt},
                      {"mix/kairo/prefill.bytes_per_s", 1057632100},
                      {"mix/kairo/utilisation", 0.60452},
                      {"mix/slow/decode.p99_ns", 17045651456}},
          .at_least = {{"mix/slow/decode.p99_ns", true}}};
}

base::Result<Found> find(const std::vector<ResultReport>& reports, const std::string& text) {
  const auto key = parse_key(text);
  if (!key) return base::fail(key.error());
  return find_figure(reports, *key);
}

std::string refused(const std::vector<ResultReport>& reports, const std::string& text) {
  const auto found = find(reports, text);
  EXPECT_FALSE(found) << text;
  return found ? "" : found.error().message;
}

TEST(Key, HasThePartsOfAReport) {
  const auto key = parse_key("qlc-3die:mix/kairo/decode.p99_us/none");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->device, "qlc-3die");
  EXPECT_EQ(key->load, "mix");
  EXPECT_EQ(key->arm, "kairo");
  EXPECT_EQ(key->metric, "decode.p99_us");
  EXPECT_EQ(key->of, "none");
  for (const char* text : {"mix/kairo", "mix//decode.p99_us", "mix/kairo/decode.p99_us/",
                           "mix/kairo/p99_us", "mix/kairo/decode.p99_kg", "a/b/decode.p99_us/c/d"})
    EXPECT_FALSE(parse_key(text)) << text;
}

TEST(Results, AreFoundInTheUnitOfTheKey) {
  const std::vector<ResultReport> reports = {report_of("reference")};
  EXPECT_DOUBLE_EQ(*find(reports, "mix/kairo/decode.p99_ns")->value, 880640);
  EXPECT_DOUBLE_EQ(*find(reports, "mix/kairo/decode.p99_us")->value, 880.64);
  EXPECT_DOUBLE_EQ(*find(reports, "mix/none/decode.p99_ms")->value, 43.778048);
  EXPECT_DOUBLE_EQ(*find(reports, "mix/kairo/prefill.mb_per_s")->value, 1057.6321);
  EXPECT_DOUBLE_EQ(*find(reports, "mix/kairo/utilisation_percent")->value, 60.452);
  EXPECT_DOUBLE_EQ(*find(reports, "mix/kairo/decode.p99_us/none")->value, 880640.0 / 43778048);
  EXPECT_EQ(find(reports, "mix/kairo/decode.p999_us")->value, std::nullopt);
  EXPECT_EQ(find(reports, "mix/none/decode.p99_us")->series, "28fe2ade5b78");
}

// A phase of a load, and what the arm of a claim was held against.
TEST(Results, HavePhasesAndThePeersOfClaims) {
  const auto folder = base::TempDir::create("kairo-results-");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(base::write_file(folder->path() / "report.json", R"({
    "schema": "kairo-report", "experiment": "12-budget-sweep",
    "device": {"name": "reference"}, "environment": {"series": "28fe2ade5b78"},
    "loads": {"mix": {"arms": {"kairo": {
        "classes": {"decode": {"p99_ns": 3000}},
        "phases": {"settled": {"classes": {"decode": {"p99_ns": 2000}}}}}},
      "rules": [{"bound": {"metric": "prefill.bytes_per_s", "against": null}},
                {"bound": {"metric": "decode.p99_ns", "against": 4000}},
                {"bound": {"metric": "decode.p999_ns", "against": 1, "against_at_least": true}}
      ]}}})"));
  const auto reports = read_results({folder->path()});
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_DOUBLE_EQ(*find(*reports, "mix/kairo/decode.p99_us")->value, 3);
  EXPECT_DOUBLE_EQ(*find(*reports, "mix@settled/kairo/decode.p99_us")->value, 2);
  EXPECT_DOUBLE_EQ(*find(*reports, "reference:mix/rule-2/decode.p99_us")->value, 4);
  EXPECT_DOUBLE_EQ(*find(*reports, "mix/kairo/decode.p99_us/rule-2")->value, 0.75);
  EXPECT_EQ(find(*reports, "mix/rule-1/prefill.mb_per_s")->value, std::nullopt);
  EXPECT_THAT(refused(*reports, "mix/rule-3/decode.p999_us"), HasSubstr("last bin"));
  EXPECT_THAT(refused(*reports, "mix@begin/kairo/decode.p99_us"), HasSubstr("have no"));
}

TEST(Results, WhatIsMissingTwiceOrWithoutAnEndIsRefused) {
  const std::vector<ResultReport> reports = {report_of("reference")};
  EXPECT_THAT(refused(reports, "mix/bfq/decode.p99_us"),
              HasSubstr("have no mix/bfq/decode.p99_ns"));
  EXPECT_THAT(refused(reports, "mix/kairo/decode.p99_us/bfq"), HasSubstr("no mix/bfq/decode.p99"));
  EXPECT_THAT(refused(reports, "flat:mix/kairo/decode.p99_us"), HasSubstr("no flat:mix/kairo"));
  EXPECT_THAT(refused(reports, "mix/slow/decode.p99_us"), HasSubstr("last bin"));
  EXPECT_THAT(refused({report_of("a"), report_of("b")}, "mix/kairo/decode.p99_us"),
              HasSubstr("is in a/report.json and b/report.json"));
  EXPECT_TRUE(find({report_of("a"), report_of("b")}, "b:mix/kairo/decode.p99_us"));
}

TEST(Results, AreReadFromAReport) {
  const std::filesystem::path golden =
      std::filesystem::path(KAIRO_SOURCE_DIR) / "tests/fixtures/reports/golden";
  const auto reports = read_results({golden});
  ASSERT_TRUE(reports) << reports.error().message;
  ASSERT_EQ(reports->size(), 1U);
  EXPECT_EQ(reports->at(0).experiment, "fixture-depth");
  const auto directory = base::TempDir::create("evidence");
  ASSERT_TRUE(directory);
  EXPECT_THAT(read_results({directory->path()}).error().message, HasSubstr("no report.json in it"));
  ASSERT_TRUE(
      base::write_file(directory->path() / "report.json", "{\"schema\": \"kairo-report\"}"));
  EXPECT_THAT(read_results({directory->path()}).error().message, HasSubstr("make it again"));
}

TEST(Written, LikeWhatStoodThere) {
  EXPECT_EQ(written_like("881", 880.64), "881");
  EXPECT_EQ(written_like("0.98", 0.9577), "0.96");
  EXPECT_EQ(written_like("1,058", 1234567.4), "1,234,567");
  EXPECT_EQ(written_like("12.34", 1234.5), "1,234.50");
  EXPECT_EQ(written_like("999", 999.4), "999");
  EXPECT_EQ(written_like("n/a", 880.64), "881");
  EXPECT_EQ(written_like("n/a", 0.9577), "0.96");
  EXPECT_EQ(written_like("881", std::nullopt), "n/a");
}

constexpr const char* kPage =
    "<!-- measured: series=ba9876543210 command=x columns=\"mix/{row}/decode.p99_us\" -->\n"
    "Series ba9876543210: 0.5<!-- mix/kairo/decode.p99_us/none --> times `none`.\n\n"
    "| arm | p99 µs |\n|---|--:|\n| none | 43,778 |\n| **kairo** | **900** |\n"
    "<!-- /measured -->\nSeries ba9876543210.\n";

Page page_of(const std::string& text) {
  auto page = parse_page(text, "a.md");
  EXPECT_TRUE(page) << page.error().message;
  return page ? *page : Page{};
}

TEST(Compare, TellsWhatDiffers) {
  const Page page = page_of(kPage);
  const auto compared = compare(page, page.blocks[0], {report_of("reference")});
  ASSERT_TRUE(compared) << compared.error().message;
  ASSERT_EQ(compared->size(), 3U);
  EXPECT_FALSE(compared->at(0).same());  // 0.5
  EXPECT_TRUE(compared->at(1).same());   // 43,778
  EXPECT_FALSE(compared->at(2).same());  // 900
  EXPECT_EQ(compared->at(2).measured, "881");
  EXPECT_EQ(compared->at(2).figure.line, 7U);
}

TEST(Compare, WhatIsNotAvailableMayBeMissing) {
  std::string text = kPage;
  text.replace(text.find("| **kairo** | **900** |"), 23, "| bfq | n/a |");
  const Page page = page_of(text);
  EXPECT_EQ(compare(page, page.blocks[0], {report_of("reference")})->size(), 2U);
  text.replace(text.find("n/a"), 3, "900");
  const Page other = page_of(text);
  EXPECT_THAT(compare(other, other.blocks[0], {report_of("reference")}).error().message,
              HasSubstr("a.md:7: the results have no mix/bfq/decode.p99_ns"));
}

TEST(Rewrite, PutsFiguresAndSeriesIntoTheBlockAlone) {
  const Page page = page_of(kPage);
  const auto written = rewrite(page, page.blocks[0], {report_of("reference")});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(to_text(*written),
            "<!-- measured: series=28fe2ade5b78 command=x columns=\"mix/{row}/decode.p99_us\" -->\n"
            "Series 28fe2ade5b78: 0.0<!-- mix/kairo/decode.p99_us/none --> times `none`.\n\n"
            "| arm | p99 µs |\n|---|--:|\n| none | 43,778 |\n| **kairo** | **881** |\n"
            "<!-- /measured -->\nSeries ba9876543210.\n");
}

TEST(Rewrite, WordsForASeriesBecomeItsId) {
  std::string text = kPage;
  text.replace(text.find("series=ba9876543210"), 19, "series=\"31 patches\"");
  text.replace(text.find("Series ba"), 19, "In the series of 31 patches");
  const Page page = page_of(text);
  const auto written = rewrite(page, page.blocks[0], {report_of("reference")});
  ASSERT_TRUE(written);
  EXPECT_THAT(to_text(*written), HasSubstr("measured: series=28fe2ade5b78 command"));
  EXPECT_THAT(to_text(*written), HasSubstr("In the series 28fe2ade5b78: 0.0"));
}

TEST(Rewrite, GivesNoFigureASeriesThatItIsNotOf) {
  std::string text = kPage;
  text.replace(text.find("times `none`"), 12, "times, 42 µs");
  const auto refused_with = [](const Page& page, const std::vector<ResultReport>& reports) {
    const auto written = rewrite(page, page.blocks[0], reports);
    EXPECT_FALSE(written);
    return written ? "" : written.error().message;
  };
  EXPECT_THAT(refused_with(page_of(text), {report_of("reference")}),
              HasSubstr("a.md:2: no key: 42, and the series would become 28fe2ade5b78"));
  ResultReport unnamed = report_of("reference");
  unnamed.series.clear();
  EXPECT_THAT(refused_with(page_of(kPage), {unnamed}), HasSubstr("of no series"));
  ResultReport missing = report_of("reference");
  missing.figures.erase("mix/none/decode.p99_ns");
  EXPECT_THAT(refused_with(page_of(kPage), {missing}), HasSubstr("a.md:2: the results have no"));
}

}  // namespace
}  // namespace kairo::evidence
