// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace CLI {
class App;
}

namespace kairo {

// Adds `counters` and `device`. The exit status of a command that ran goes into `exit_code`.
void add_inspect_commands(CLI::App& app, int& exit_code);

}  // namespace kairo
