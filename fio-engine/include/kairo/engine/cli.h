// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/CLI.hpp>

namespace kairo {

// Adds `kairo engine cost`. `exit_code` must outlive `app`; the commands set it.
void add_engine_commands(CLI::App& app, int& exit_code);

}  // namespace kairo
