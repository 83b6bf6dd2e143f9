// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/CLI.hpp>

namespace kairo {

// Adds `kairo trace import|inspect|sample`. `exit_code` must outlive `app`; the commands set it.
void add_trace_commands(CLI::App& app, int& exit_code);

}  // namespace kairo
