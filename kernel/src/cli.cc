// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/cli.h"

#include <CLI/CLI.hpp>

#include "cli_parts.h"

namespace kairo {

void add_kernel_commands(CLI::App& app, int& exit_code) {
  CLI::App* const kernel =
      app.add_subcommand("kernel", "The patch series: get, apply, build, check and boot it.");
  kernel->require_subcommand(1);
  kernel::add_series_commands(*kernel, exit_code);
  kernel::add_boot_command(*kernel, exit_code);
}

}  // namespace kairo
