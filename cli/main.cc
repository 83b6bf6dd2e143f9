// SPDX-License-Identifier: GPL-2.0-only
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "kairo/engine/cli.h"
#include "kairo/evidence/cli.h"
#include "kairo/experiments/cli.h"
#include "kairo/inspect/cli.h"
#include "kairo/kernel/cli.h"
#include "kairo/reports/cli.h"
#include "kairo/trace/cli.h"
#include "usage_error.h"
#include "version.h"

namespace {

constexpr int kUsageExit = 2;
constexpr int kBugExit = 70;  // EX_SOFTWARE: nothing below should throw

int run(int argc, char** argv) {
  CLI::App app{
      "Kairo: KV-cache hints and scheduling for the Linux block layer, and the lab that measures "
      "them.",
      "kairo"};
  app.require_subcommand(1);
  app.failure_message(kairo::usage_error);
  app.set_version_flag("--version", kairo::version_text, "Version, commit and patch series");
  app.footer(
      "Exit status: 0 ok, 1 the thing measured fell short, 2 usage, 3 bad input, 77 not possible "
      "here, 130 interrupted, 70 a bug.\n"
      "Example: kairo experiment run 01-decode-priority --repeats 6 --out results/first");
  int exit_code = 0;
  kairo::add_kernel_commands(app, exit_code);
  kairo::add_trace_commands(app, exit_code);
  kairo::add_engine_commands(app, exit_code);
  kairo::add_experiments_commands(app, exit_code);
  kairo::add_evidence_commands(app, exit_code);
  kairo::add_inspect_commands(app, exit_code);
  kairo::add_reports_commands(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : kUsageExit;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kairo: a bug of kairo, please report it: %s\n", error.what());
  } catch (...) {
    std::fputs("kairo: a bug of kairo, please report it\n", stderr);
  }
  return kBugExit;
}
