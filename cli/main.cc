// SPDX-License-Identifier: GPL-2.0-only
#include <CLI/CLI.hpp>

#ifdef KAIRO_HAS_experiments
#include "kairo/experiments/cli.h"
#endif
#ifdef KAIRO_HAS_kernel
#include "kairo/kernel/cli.h"
#endif
#ifdef KAIRO_HAS_reports
#include "kairo/reports/cli.h"
#endif
#ifdef KAIRO_HAS_trace
#include "kairo/trace/cli.h"
#endif

namespace {

constexpr int kUsageExit = 2;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Kairo: KV-cache hints and scheduling for the Linux block layer, and the lab that measures "
      "them.",
      "kairo"};
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 ok, 1 the thing measured fell short, 2 usage, 3 bad input, 77 not possible "
      "here.\n"
      "Example: kairo experiment run 01-decode-priority --repeats 6 --out results/first");
  int exit_code = 0;
#ifdef KAIRO_HAS_kernel
  kairo::add_kernel_commands(app, exit_code);
#endif
#ifdef KAIRO_HAS_trace
  kairo::add_trace_commands(app, exit_code);
#endif
#ifdef KAIRO_HAS_experiments
  kairo::add_experiments_commands(app, exit_code);
#endif
#ifdef KAIRO_HAS_reports
  kairo::add_reports_commands(app, exit_code);
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : kUsageExit;
  }
  return exit_code;
}
