// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace CLI {
class App;
}

namespace kairo::kernel {

// Adds fetch, apply, checkout, export, build and check to the `kernel` command.
void add_series_commands(CLI::App& kernel, int& exit_code);

}  // namespace kairo::kernel
