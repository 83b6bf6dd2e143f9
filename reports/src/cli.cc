// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/cli.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "kairo/base/files.h"
#include "kairo/reports/inspect.h"
#include "kairo/reports/report.h"
#include "kairo/reports/summary.h"

namespace kairo {
namespace {

struct CompareOptions {
  std::vector<std::string> folders;
  std::string base_arm;
  std::string out;
  bool gate = false;
  bool html = false;
};

struct InspectOptions {
  std::string file;
  bool json = false;
};

// The exit status under --gate: what objects to the report falls short.
int gate_status(bool gate, const std::string& objection) {
  if (!gate || objection.empty()) return 0;
  return base::report_error({base::ErrorCode::kShort, "gate: " + objection});
}

int compare_several(const CompareOptions& options) {
  const std::filesystem::path directory = options.folders.front();
  if (!options.out.empty())
    return base::report_error(
        {base::ErrorCode::kUsage,
         "--out: the reports of several profiles are written beside their results (leave it out)"});
  const auto found = reports::compare_campaign(directory, options.base_arm, options.html);
  if (!found) return base::report_error(found.error());
  fmt::print("{}", reports::to_terminal_text(*found, directory, options.html));
  return gate_status(options.gate, reports::gate_objection(*found));
}

int compare(const CompareOptions& options) {
  if (options.folders.size() > 1 && options.out.empty())
    return base::report_error(
        {base::ErrorCode::kUsage, "several folders, but no place for the report (add --out DIR)"});
  const std::filesystem::path out = options.out.empty() ? options.folders.front() : options.out;
  if (options.folders.size() == 1 && reports::is_campaign(options.folders.front()))
    return compare_several(options);
  const auto report = reports::compare_folders({options.folders.begin(), options.folders.end()},
                                               options.base_arm, out, options.html);
  if (!report) return base::report_error(report.error());
  fmt::print("{}", reports::to_terminal_text(*report, out, options.html));
  return gate_status(options.gate, reports::gate_objection(*report));
}

int inspect(const InspectOptions& options) {
  const auto text = reports::inspect_file(options.file, options.json);
  if (!text) return base::report_error(text.error());
  fmt::print("{}", *text);
  return 0;
}

}  // namespace

void add_reports_commands(CLI::App& app, int& exit_code) {
  CLI::App* const report =
      app.add_subcommand("report", "Turn result folders into a report; look into their files.");
  report->require_subcommand(1);

  auto compare_options = std::make_shared<CompareOptions>();
  CLI::App* const compare_command = report->add_subcommand(
      "compare",
      "Compare the arms of one or more result folders: report.md, report.json, metrics.csv and\n"
      "plots/. Several folders are put side by side; arms of the same name get the folder's name.");
  compare_command->add_option("DIR", compare_options->folders, "Result folders")->required();
  compare_command->add_option("--base", compare_options->base_arm,
                              "Arm that the others are compared with (default: the experiment's)");
  compare_command->add_option("--out", compare_options->out,
                              "Folder for the report (default: the result folder)");
  compare_command->add_flag(
      "--html", compare_options->html,
      "Write report.html too: one file, plots inside, opens without a network");
  compare_command->add_flag("--gate", compare_options->gate,
                            "Exit status 1 when the report is not VALID or a claim is not met");
  compare_command->footer("Example: kairo report compare results/quickstart --base mq-deadline");
  compare_command->callback(
      [compare_options, &exit_code] { exit_code = compare(*compare_options); });

  auto inspect_options = std::make_shared<InspectOptions>();
  CLI::App* const inspect_command = report->add_subcommand(
      "inspect",
      "Check one file and show what it holds: fio json+ output, experiment.json, run.json,\n"
      "engine-JOB.json or report.json.");
  inspect_command->add_option("FILE", inspect_options->file, "The file")->required();
  inspect_command->add_flag("--json", inspect_options->json, "Print JSON");
  inspect_command->footer(
      "Example: kairo report inspect results/quickstart/runs/mix/kairo/1/fio.json");
  inspect_command->callback(
      [inspect_options, &exit_code] { exit_code = inspect(*inspect_options); });
}

}  // namespace kairo
