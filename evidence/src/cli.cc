// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/evidence/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "documents.h"
#include "measure.h"

namespace kairo {
namespace {

using evidence::Chosen;
namespace fs = std::filesystem;

constexpr const char* kAbout =
    "A block of a page begins with a comment that says what measured its figures, and of which\n"
    "series of patches they are:\n"
    "  <!-- measured: series=28fe2ade5b78 command=\"kairo experiment run 01 --loads mix\"\n"
    "       columns=\"mix/{row}/decode.p99_us\" -->\n"
    "  ... text, figures, a table with an arm in each row ...\n"
    "  0.047<!-- mix/kairo/decode.p99_us/mq-deadline --> times that of mq-deadline\n"
    "  <!-- /measured -->\n"
    "LOAD@PHASE is a phase of a load, and the arm rule-2 what its second claim was held against.\n"
    "Numbers that somebody chose stand between <!-- settings --> and <!-- /settings -->.";

struct Options {
  std::vector<std::string> files;
  std::string block;
  std::vector<std::string> results;
  std::string out = "results/evidence";
};

base::Result<Chosen> chosen(const Options& options) {
  return evidence::choose({options.files.begin(), options.files.end()}, options.block);
}

void add_common(CLI::App& command, Options& options) {
  command.add_option(
      "FILE", options.files,
      "Pages (default: README.md, CONTRIBUTING.md, docs/ and every other README.md)");
  command.add_option("--block", options.block, "Only the block that has this line")
      ->type_name("FILE:LINE");
}

void add_check(CLI::App& group, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* const command = group.add_subcommand(
      "check",
      "Refuse figures without a source, figures of another series that do not say so, and "
      "commands\n"
      "that are none; with --results also figures that differ from what was measured.");
  add_common(*command, *options);
  command->add_option("--results", options->results, "Result folder to compare with")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->footer(
      "Exit status 1 when something is refused or differs.\n"
      "Example: kairo evidence check\n"
      "Example: kairo evidence check README.md --results results/quickstart");
  command->callback([options, &exit_code] {
    auto pages = chosen(*options);
    base::Status done = pages ? evidence::check_pages(*pages) : base::fail(pages.error());
    if (done && !options->results.empty())
      done = evidence::compare_pages(*pages, {options->results.begin(), options->results.end()});
    if (!done) exit_code = base::report_error(done.error());
  });
}

void add_run(CLI::App& group, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* const command = group.add_subcommand(
      "run",
      "Run the command of each block that has figures with keys, or of the one of --block, and\n"
      "compare. Takes as long as these take.");
  add_common(*command, *options);
  command
      ->add_option("--out", options->out,
                   "A result folder for each block below DIR (results/evidence)")
      ->type_name("DIR");
  command->footer("Example: kairo evidence run --block README.md:26 --out results/readme");
  command->callback([options, &exit_code] {
    const auto pages = chosen(*options);
    const base::Status done =
        pages ? evidence::measure(*pages, options->out) : base::fail(pages.error());
    if (!done) exit_code = base::report_error(done.error());
  });
}

void add_write(CLI::App& group, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* const command = group.add_subcommand(
      "write", "Put the figures of results into the blocks that they are of, and their series.");
  add_common(*command, *options);
  command->add_option("--results", options->results, "Result folder")
      ->required()
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->footer(
      "A block is written as a whole or not at all; n/a is written where the report has it.\n"
      "Example: kairo evidence write README.md --results results/quickstart");
  command->callback([options, &exit_code] {
    const auto pages = chosen(*options);
    const base::Status done =
        pages ? evidence::write_pages(*pages, {options->results.begin(), options->results.end()})
              : base::fail(pages.error());
    if (!done) exit_code = base::report_error(done.error());
  });
}

}  // namespace

void add_evidence_commands(CLI::App& app, int& exit_code) {
  CLI::App* const group = app.add_subcommand(
      "evidence", "Figures in the documents: their source, and whether it holds");
  group->require_subcommand(1);
  group->footer(kAbout);
  add_check(*group, exit_code);
  add_run(*group, exit_code);
  add_write(*group, exit_code);
}

}  // namespace kairo
