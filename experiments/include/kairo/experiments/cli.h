// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/CLI.hpp>

namespace kairo {

// Adds `kairo experiment list|run|bound|collect`.
void add_experiments_commands(CLI::App& app, int& exit_code);

}  // namespace kairo
