// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace CLI {
class App;
}

namespace kairo::kernel {

// Adds `boot` to the `kernel` command.
void add_boot_command(CLI::App& kernel, int& exit_code);

}  // namespace kairo::kernel
