// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace kairo {

// What to print when a command line cannot be read. A word that nobody knows is named, with the one
// that was probably meant; CLI11 would first ask for whatever else is missing.
std::string usage_error(const CLI::App* app, const CLI::Error& error);

}  // namespace kairo
