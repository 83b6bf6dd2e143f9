// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace CLI {
class App;
}

namespace kairo {

// Adds `report compare|inspect`. Each callback sets `exit_code`, which must outlive the parse.
void add_reports_commands(CLI::App& app, int& exit_code);

}  // namespace kairo
