// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace CLI {
class App;
}

namespace kairo {

// Adds `kernel fetch|apply|checkout|export|build|check|boot`. Each callback sets `exit_code`, which
// must outlive the parse.
void add_kernel_commands(CLI::App& app, int& exit_code);

}  // namespace kairo
