// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/summary.h"

namespace kairo::reports {

namespace fs = std::filesystem;

namespace {

// How many claims are met, and those that are not.
std::string claims_text(const Report& report) {
  std::string missed;
  unsigned met = 0;
  unsigned claims = 0;
  for (const LoadReport& load : report.loads)
    for (const RuleResult& rule : load.rules) {
      ++claims;
      met += rule.verdict == RuleVerdict::kPass ? 1 : 0;
      if (rule.verdict != RuleVerdict::kPass)
        missed += fmt::format("  {}: {}: {}\n", rule_verdict_text(rule.verdict), load.load.name,
                              rule.rule.text);
    }
  return claims == 0 ? "" : fmt::format("claims: {} of {} met\n{}", met, claims, missed);
}

}  // namespace

std::string to_terminal_text(const Report& report, const fs::path& out, bool html) {
  std::string text =
      fmt::format("{}\nvalidity: {}\n", report.answer, validity_text(overall(report.reasons)));
  for (const std::string& line : reason_lines(report.reasons)) text += "  " + line + "\n";
  text += claims_text(report);
  text += fmt::format("report: {}\n", (out / "report.md").string());
  if (html) text += fmt::format("html: {}\n", (out / "report.html").string());
  return text;
}

std::string to_terminal_text(const std::vector<ProfileReport>& reports, const fs::path& directory,
                             bool html) {
  std::string text;
  for (const ProfileReport& profile : reports) {
    const auto validity = validity_text(overall(profile.report.reasons));
    text += fmt::format("{}: {}. {}\n", profile.profile, validity, profile.report.answer);
    for (const std::string& line : reason_lines(profile.report.reasons)) text += "  " + line + "\n";
    text += claims_text(profile.report);
    if (html)
      text += fmt::format("html: {}\n", (directory / profile.profile / "report.html").string());
  }
  return text + fmt::format("summary: {}\n", (directory / "summary.md").string());
}

}  // namespace kairo::reports
