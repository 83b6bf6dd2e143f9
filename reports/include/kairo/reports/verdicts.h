// SPDX-License-Identifier: GPL-2.0-only
// Several experiments at a glance, a line each.
//
//   DIR/verdicts.{md,html}  validity, claims and the report of each
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/report.h"
#include "kairo/reports/summary.h"

namespace kairo::reports {

struct ExperimentVerdict {
  // A report without its ending; .md and .html are there.
  struct Link {
    std::string text;
    std::filesystem::path report;
  };
  std::string name;
  Validity validity = Validity::kInvalid;  // the worst of its profiles
  unsigned met = 0;                        // claims of all loads and profiles
  unsigned missed = 0;
  unsigned no_data = 0;
  std::string objection;  // gate_objection()
  std::string failure;    // why there is no report; then nothing else counts
  std::vector<Link> links;
};

// `out` is the folder of the report, or of the profiles' folders.
ExperimentVerdict verdict_of(const std::string& name, const Report& report,
                             const std::filesystem::path& out);
ExperimentVerdict verdict_of(const std::string& name, const std::vector<ProfileReport>& reports,
                             const std::filesystem::path& out);

// For a terminal: one line per experiment below a heading, and one with the sums.
std::string to_terminal_text(const std::vector<ExperimentVerdict>& verdicts);

// `ending` is that of the reports linked to; `from` the folder of the page.
std::string to_verdicts_markdown(const std::vector<ExperimentVerdict>& verdicts,
                                 const std::filesystem::path& from, std::string_view ending);

// Writes both pages to `out`, a folder that holds nothing but them.
base::Status write_verdicts(const std::vector<ExperimentVerdict>& verdicts,
                            const std::filesystem::path& out);

}  // namespace kairo::reports
