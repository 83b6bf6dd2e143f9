// SPDX-License-Identifier: GPL-2.0-only
// Several experiments at a glance.
#include "kairo/reports/verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"

namespace kairo::reports {
namespace {

using ::testing::HasSubstr;
using testing::make_folder;
using ::testing::Not;

Rule rule(const char* text, double limit_ns, const char* arm = "test") {
  return {text, arm, {"decode.p99_ns", true, limit_ns, {}, ""}, {}, {}};
}

Report report_of(unsigned repeats, std::vector<Rule> rules) {
  ResultFolder folder = make_folder(repeats, 0.5);
  folder.experiment.rules = std::move(rules);
  auto report = build_report(folder, "");
  EXPECT_TRUE(report);
  return std::move(*report);
}

std::vector<ExperimentVerdict> three() {
  ExperimentVerdict failed;
  failed.name = "03-broken";
  failed.failure = "experiment.toml: no <arms>\nsecond line";
  return {
      verdict_of("01-good", report_of(8, {rule("quick", 1e6)}), "r/01-good"),
      verdict_of("02-bad", report_of(8, {rule("quick", 1e6), rule("quicker", 1e3)}), "r/02-bad"),
      failed};
}

TEST(Verdicts, CountWhatIsMetMissedAndWithoutData) {
  const auto bad =
      verdict_of("a",
                 report_of(8, {rule("quick", 1e6), rule("quicker", 1e3),
                               rule("absent", 1e6, "nobody"), rule("nothing", 1e6, "nobody")}),
                 "r");
  EXPECT_EQ(bad.validity, Validity::kValid);
  EXPECT_EQ(bad.met, 1U);
  EXPECT_EQ(bad.missed, 1U);
  EXPECT_EQ(bad.no_data, 2U);
  EXPECT_EQ(bad.objection, "mix, quicker: MISS");
}

TEST(Verdicts, OfSeveralProfilesAreTheWorst) {
  const std::vector<ProfileReport> profiles = {{"slc", report_of(8, {rule("quick", 1e6)})},
                                               {"qlc", report_of(2, {rule("quick", 1e6)})}};
  const auto verdict = verdict_of("26-drives", profiles, "r/26-drives");
  EXPECT_EQ(verdict.validity, Validity::kDegraded);
  EXPECT_EQ(verdict.met, 2U);
  EXPECT_THAT(verdict.objection, HasSubstr("qlc: the report is DEGRADED"));
  const std::string page = to_verdicts_markdown({verdict}, "r/all", ".html");
  EXPECT_THAT(page, HasSubstr("[slc](../26-drives/slc/report.html), "
                              "[qlc](../26-drives/qlc/report.html)"));
}

TEST(Verdicts, AreALineEachInATerminal) {
  EXPECT_EQ(to_terminal_text(three()),
            "experiment  validity   met  missed  no data\n"
            "01-good     VALID        1       0        0\n"
            "02-bad      VALID        1       1        0\n"
            "03-broken   FAILED   experiment.toml: no <arms>\n"
            "3 experiments: 1 VALID with every claim met, 1 not, 1 failed\n");
  auto wordy = three();
  wordy[2].failure = std::string(500, 'x');
  for (const std::string_view line : base::split_lines(to_terminal_text(wordy)))
    EXPECT_LE(line.size(), 100U);
}

TEST(Verdicts, HaveAPageWithLinksAndReasons) {
  const auto made = base::TempDir::create("kairo-verdicts-");
  ASSERT_TRUE(made) << made.error().message;
  const auto out = made->path() / "all";
  ASSERT_TRUE(write_verdicts(three(), out));
  ASSERT_TRUE(write_verdicts(three(), out)) << "again";
  const std::string page = base::read_file(out / "verdicts.md").value_or("");
  EXPECT_THAT(page, HasSubstr("3 experiments: 1 VALID with every claim met, 1 not, 1 failed."));
  EXPECT_THAT(page, HasSubstr("| 03-broken  | FAILED   |        n/a |    n/a |     n/a | n/a "));
  EXPECT_THAT(page, HasSubstr("- 02-bad: mix, quicker: MISS\n"));
  EXPECT_THAT(page, HasSubstr("- 03-broken: experiment.toml: no &lt;arms>"));
  EXPECT_THAT(page, Not(HasSubstr("- 01-good")));
  EXPECT_THAT(to_verdicts_markdown(three(), "r/all", ".md"),
              HasSubstr("[report](../01-good/report.md)"));
  const std::string html = base::read_file(out / "verdicts.html").value_or("");
  EXPECT_THAT(html, HasSubstr("01-good/report.html\">report</a>"));
  EXPECT_THAT(html, HasSubstr("no &lt;arms&gt;"));
}

}  // namespace
}  // namespace kairo::reports
