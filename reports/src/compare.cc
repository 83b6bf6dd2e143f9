// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/owned_folder.h"
#include "kairo/reports/report.h"
#include "report_files.h"
#include "write/html.h"

namespace kairo::reports {

namespace fs = std::filesystem;

namespace {

// A result that was made before there were manifests, or copied without, takes its report all the
// same.
bool is_beside_result(const std::vector<fs::path>& folders, const fs::path& out) {
  std::error_code status;
  return !base::OwnedFolder::is_owned(out) &&
         std::any_of(folders.begin(), folders.end(),
                     [&](const fs::path& folder) { return fs::equivalent(folder, out, status); });
}

}  // namespace

base::Status write_report_file(const std::vector<fs::path>& folders, const fs::path& out,
                               const fs::path& name, const std::string& content) {
  if (is_beside_result(folders, out)) return base::write_below(out, name, content);
  const auto folder = base::OwnedFolder::claim(out);
  return folder ? folder->write(name, content) : base::Status(base::fail(folder.error()));
}

base::Result<Report> compare_folders(const std::vector<fs::path>& folders,
                                     const std::string& base_arm, const fs::path& out, bool html) {
  if (!is_beside_result(folders, out)) KAIRO_CHECK(base::OwnedFolder::check(out));
  std::vector<ResultFolder> read;
  for (const fs::path& path : folders) {
    KAIRO_TRY(auto folder, read_result_folder(path));
    read.push_back(std::move(folder));
  }
  std::vector<Reason> reasons;
  KAIRO_TRY(const auto merged, merge_folders(std::move(read), reasons));
  auto report = build_report(merged, base_arm, std::move(reasons));
  if (!report) return report;

  std::vector<std::pair<fs::path, std::string>> files;
  std::vector<Plot> plots = to_plots(*report);
  std::string markdown = to_markdown(*report);
  if (html) files.emplace_back("report.html", to_html(markdown, plots, report->title));
  for (Plot& plot : plots) files.emplace_back(plot.file, std::move(plot.svg));
  files.emplace_back("metrics.csv", to_csv(*report));
  files.emplace_back("curves.csv", to_curves_csv(*report));
  files.emplace_back("windows.csv", to_windows_csv(*report));
  files.emplace_back("sessions.csv", to_sessions_csv(*report));
  files.emplace_back("report.gp", to_gnuplot(*report));
  files.emplace_back("env.json", to_env_json(*report));
  KAIRO_TRY(auto inputs, inputs_sha256(folders, out));
  files.emplace_back("inputs.sha256", std::move(inputs));
  files.emplace_back("report.md", std::move(markdown));
  files.emplace_back("report.json", to_report_json(*report));
  for (const auto& [name, content] : files)
    KAIRO_CHECK(write_report_file(folders, out, name, content));
  return report;
}

}  // namespace kairo::reports
