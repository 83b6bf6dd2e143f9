// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/verdicts.h"

#include <algorithm>

#include "kairo/base/owned_folder.h"
#include "kairo/reports/format.h"
#include "write/html.h"
#include "write/markdown_parts.h"

namespace kairo::reports {

namespace fs = std::filesystem;

namespace {

using Verdicts = std::vector<ExperimentVerdict>;

constexpr std::size_t kLineWidth = 100;

void add(ExperimentVerdict& out, const Report& report) {
  out.validity = std::max(out.validity, overall(report.reasons));
  for (const LoadReport& load : report.loads)
    for (const RuleResult& rule : load.rules)
      ++(rule.verdict == RuleVerdict::kPass   ? out.met
         : rule.verdict == RuleVerdict::kMiss ? out.missed
                                              : out.no_data);
}

// "3 experiments: 2 as claimed, 1 not, 0 failed"
std::string sums(const Verdicts& verdicts) {
  const auto failed = std::count_if(verdicts.begin(), verdicts.end(),
                                    [](const auto& one) { return !one.failure.empty(); });
  const auto good = std::count_if(verdicts.begin(), verdicts.end(), [](const auto& one) {
    return one.failure.empty() && one.objection.empty();
  });
  const auto all = static_cast<std::ptrdiff_t>(verdicts.size());
  return fmt::format("{} experiments: {} VALID with every claim met, {} not, {} failed", all, good,
                     all - good - failed, failed);
}

std::string links(const ExperimentVerdict& verdict, const fs::path& from, std::string_view ending) {
  std::string out;
  for (const ExperimentVerdict::Link& link : verdict.links)
    out += fmt::format("{}[{}]({}{})", out.empty() ? "" : ", ", link.text,
                       fs::absolute(link.report).lexically_relative(fs::absolute(from)).string(),
                       ending);
  return out;
}

}  // namespace

ExperimentVerdict verdict_of(const std::string& name, const Report& report, const fs::path& out) {
  ExperimentVerdict verdict;
  verdict.name = name;
  verdict.validity = Validity::kValid;
  add(verdict, report);
  verdict.objection = gate_objection(report);
  verdict.links = {{"report", out / "report"}};
  return verdict;
}

ExperimentVerdict verdict_of(const std::string& name, const std::vector<ProfileReport>& reports,
                             const fs::path& out) {
  ExperimentVerdict verdict;
  verdict.name = name;
  verdict.validity = reports.empty() ? Validity::kInvalid : Validity::kValid;
  for (const ProfileReport& report : reports) {
    add(verdict, report.report);
    verdict.links.push_back({report.profile, out / report.profile / "report"});
  }
  verdict.objection = gate_objection(reports);
  return verdict;
}

std::string to_terminal_text(const Verdicts& verdicts) {
  std::size_t width = std::string_view("experiment").size();
  for (const ExperimentVerdict& one : verdicts) width = std::max(width, one.name.size());
  std::string out = fmt::format("{:<{}}  validity   met  missed  no data\n", "experiment", width);
  for (const ExperimentVerdict& one : verdicts) {
    if (one.failure.empty()) {
      out += fmt::format("{:<{}}  {:<8} {:>5} {:>7} {:>8}\n", one.name, width,
                         validity_text(one.validity), one.met, one.missed, one.no_data);
      continue;
    }
    std::string line = fmt::format("{:<{}}  FAILED   {}", one.name, width, one.failure);
    line.resize(std::min({line.size(), line.find('\n'), kLineWidth}));
    out += line + "\n";
  }
  return out + sums(verdicts) + "\n";
}

std::string to_verdicts_markdown(const Verdicts& verdicts, const fs::path& from,
                                 std::string_view ending) {
  std::string out = fmt::format("# All verdicts\n\n{}.\n\n", sums(verdicts));
  Table table({"experiment", "validity", "claims met", "missed", "no data", "report"}, {1, 5});
  const std::string none(kNotAvailable);
  for (const ExperimentVerdict& one : verdicts) {
    if (one.failure.empty())
      table.add({one.name, std::string(validity_text(one.validity)), std::to_string(one.met),
                 std::to_string(one.missed), std::to_string(one.no_data),
                 links(one, from, ending)});
    else
      table.add({one.name, "FAILED", none, none, none, none});
  }
  out += table.markdown();
  std::string why;
  for (const ExperimentVerdict& one : verdicts) {
    const std::string& reason = one.failure.empty() ? one.objection : one.failure;
    if (!reason.empty()) why += bullet(fmt::format("{}: {}", one.name, plain(reason)));
  }
  return why.empty() ? out : out + "\n## What is not as claimed, the first of each\n\n" + why;
}

base::Status write_verdicts(const Verdicts& verdicts, const fs::path& out) {
  KAIRO_TRY(const auto folder, base::OwnedFolder::claim(out));
  KAIRO_CHECK(folder.write("verdicts.md", to_verdicts_markdown(verdicts, out, ".md")));
  return folder.write("verdicts.html",
                      to_html(to_verdicts_markdown(verdicts, out, ".html"), {}, "All verdicts"));
}

}  // namespace kairo::reports
