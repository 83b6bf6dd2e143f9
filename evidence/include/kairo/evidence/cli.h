// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace CLI {
class App;
}

namespace kairo {

// Adds `evidence`. The exit status of a command that ran goes into `exit_code`.
void add_evidence_commands(CLI::App& app, int& exit_code);

}  // namespace kairo
