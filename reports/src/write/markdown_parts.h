// SPDX-License-Identifier: GPL-2.0-only
// Text for report.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "kairo/reports/report.h"

namespace kairo::reports {

// Text from files may break a table or smuggle markup in; this cannot.
std::string plain(std::string_view text);

std::string code_block(std::string_view text);

// Breaks lines at 98 columns; the first one begins at `first_indent`, the others at `indent`.
std::string wrap(std::string_view text, std::size_t first_indent, std::size_t indent);

// A list item, `depth` levels deep.
std::string bullet(std::string_view text, std::size_t depth = 0);

// The value times `factor`, with what it is: `*` behind a percentile of all runs' samples together,
// `≥` in front of one in fio's last bin.
std::string shown_text(const ShownValue& shown, double factor);

// The claims of the experiment with PASS or MISS and the figures; empty without rules.
std::string rules_section(const Report& report);

// What the controller of each arm did over time, where sched/control was sampled; empty without.
std::string states_section(const LoadReport& load);

// What watched runs cost per I/O: events, system calls, flame graphs; empty without any.
std::string cost_section(const Report& report, const std::vector<Plot>& plots);

// What each arm gains and pays against the base, with every median and interval.
std::string comparison_section(const Report& report, const LoadReport& load);

}  // namespace kairo::reports
