// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace CLI {
class App;
}

namespace kairo::kernel {

// Parts of the `kernel` command: `boot`; fetch, apply, checkout, export, build and check.
void add_boot_command(CLI::App& kernel, int& exit_code);
void add_series_commands(CLI::App& kernel, int& exit_code);

}  // namespace kairo::kernel
