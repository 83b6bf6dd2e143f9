// SPDX-License-Identifier: GPL-2.0-only
// What people are told at once: the answer, the validity with its reasons, what the gate objects
// to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/report.h"
#include "kairo/reports/summary.h"

namespace kairo::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::make_folder;
using ::testing::Not;

Report built(const ResultFolder& folder) {
  auto report = build_report(folder, "");
  EXPECT_TRUE(report);
  return std::move(*report);
}

TEST(Gate, WantsAValidReport) {
  EXPECT_EQ(gate_objection(built(make_folder(8, 0.5))), "");
  EXPECT_EQ(gate_objection(built(make_folder(2, 0.5))),
            "the report is DEGRADED: mix: an interval needs 6 runs per arm: 2 here");
  ResultFolder folder = make_folder(2, 0.5);
  folder.experiment.fixture = true;
  EXPECT_THAT(gate_objection(built(folder)), HasSubstr("INVALID: made from captured test files"));
}

TEST(Reasons, AreALineEachWithTheirPlaces) {
  ResultFolder folder = make_folder(8, 0.5);
  for (reports::Run& run : folder.runs) run.record.cpu_busy_ns = 6000000000;
  const Report report = built(folder);
  EXPECT_THAT(reason_lines(report.reasons),
              ElementsAre("DEGRADED: the guest's CPU is more than 60 % busy, so it is measured and "
                          "not the scheduler: mix base (80.0 %), mix test (80.0 %)"));
  EXPECT_THAT(to_markdown(report), HasSubstr("(80.0 %), mix test (80.0 %)\n"));
}

TEST(Reasons, OfDifferentKindsStayApart) {
  const std::vector<Reason> reasons = {{Validity::kInvalid, "a", "", "", "first", "3 of 4"},
                                       {Validity::kDegraded, "b", "mix", "", "second"},
                                       {Validity::kDegraded, "b", "trace", "none", "second", "x"},
                                       {Validity::kValid, "b", "mix", "", "second"},
                                       {Validity::kValid, "c", "", "", "third"}};
  EXPECT_THAT(reason_lines(reasons),
              ElementsAre("INVALID: first: 3 of 4", "DEGRADED: second: mix, trace none (x)",
                          "note: second: mix", "note: third"));
}

TEST(Terminal, SaysTheValidityAndWhereTheRestIs) {
  const Report report = built(make_folder(2, 0.5));
  const std::string text = to_terminal_text(report, "out", true);
  EXPECT_THAT(text, HasSubstr("\nvalidity: DEGRADED\n  DEGRADED: an interval needs 6 runs per arm: "
                              "mix (2 here)\n"));
  EXPECT_THAT(text, HasSubstr("report: out/report.md\nhtml: out/report.html\n"));
  EXPECT_THAT(to_terminal_text(report, "out", false), Not(HasSubstr("html")));
  const std::vector<ProfileReport> several = {{"qlc", report}, {"slc", report}};
  EXPECT_THAT(to_terminal_text(several, "out", true),
              HasSubstr("html: out/qlc/report.html\nslc: DEGRADED. "));
  EXPECT_THAT(to_terminal_text(several, "out", true), HasSubstr("\nsummary: out/summary.md\n"));
}

TEST(Terminal, CountsTheClaimsAndNamesThoseNotMet) {
  ResultFolder folder = make_folder(8, 0.5);
  folder.experiment.rules = {{"quick", "test", {"decode.p99_ns", true, 1e6, {}, ""}, {}, {}},
                             {"quicker", "test", {"decode.p99_ns", true, 1e3, {}, ""}, {}, {}}};
  EXPECT_THAT(to_terminal_text(built(folder), "out", false),
              HasSubstr("\nvalidity: VALID\nclaims: 1 of 2 met\n  MISS: mix: quicker\nreport: "));
  EXPECT_THAT(to_terminal_text(built(make_folder(8, 0.5)), "out", false), Not(HasSubstr("claims")));
}

TEST(Answer, OneArmIsNotTheBestOfOne) {
  ResultFolder folder = make_folder(8, 0.5);
  folder.experiment.arms.pop_back();
  std::erase_if(folder.runs, [](const reports::Run& run) { return run.record.arm == "test"; });
  EXPECT_EQ(built(folder).answer,
            "decode p99, load mix: base has 1,090 µs; there is no other arm to compare it with.");
}

TEST(Answer, OneArmWithDataIsNotTheBestOfTwo) {
  ResultFolder folder = make_folder(8, 0.5);
  for (reports::Run& run : folder.runs)
    if (run.record.arm == "test") run.classes[1].reset();
  EXPECT_EQ(built(folder).answer,
            "decode p99, load mix: base has 1,090 µs; no other arm has enough data.");
}

}  // namespace
}  // namespace kairo::reports
