// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/experiments/runner.h"

namespace kairo::experiments {

// `stat`, `calls` or `stacks`.
std::optional<CostProbe> parse_probe(std::string_view name);

// The program that watches; empty for kNone.
std::string probe_program(CostProbe probe);

// Whose stacks are taken. In the guest all: much of an I/O is done in interrupts and kernel
// threads. On a machine that others use, fio's.
enum class StacksOf { kFio, kMachine };

// The words in front of fio's command line. `out` is the run's folder.
std::vector<std::string> probe_prefix(CostProbe probe, const std::string& out, StacksOf whose);

// Turns what perf recorded (`-i FILE`) into text on standard output.
inline constexpr std::array<std::string_view, 4> kScriptStacks = {"perf", "script", "-F",
                                                                  "comm,ip,sym,dso"};

// After a run with kStacks: perf.data or stacks.txt in `out` becomes stacks.folded. Nothing for
// another probe.
base::Status keep_stacks(CostProbe probe, const std::filesystem::path& out);

}  // namespace kairo::experiments
