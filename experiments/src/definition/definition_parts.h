// SPDX-License-Identifier: GPL-2.0-only
// The parts of experiment.toml; definition.cc puts them together. What is wrong is kept by the
// reader's file (toml_reader.h).
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "definition/toml_reader.h"
#include "kairo/experiments/definition.h"

namespace kairo::experiments {

// The key `name`, a folder name that is not in `taken` yet; it is added there.
std::string read_name(const TomlReader& reader, std::set<std::string>& taken);

// The file `text` below `base`, for the value of `key`.
std::filesystem::path existing_file(const TomlReader& reader, std::string_view key,
                                    const std::filesystem::path& base, const std::string& text);

// Names of files below /sys/kernel/debug/block/DEV; those that lead out of it are refused.
std::vector<std::string> read_debug_files(const TomlReader& reader, std::string_view key);

// A [[load]].
LoadDefinition read_load(const TomlReader& reader, const std::filesystem::path& directory,
                         std::set<std::string>& taken);

// A [[rule]] about the arms, loads, phases and profiles that `definition` has.
RuleDefinition read_rule(const TomlReader& reader, const Definition& definition);

}  // namespace kairo::experiments
