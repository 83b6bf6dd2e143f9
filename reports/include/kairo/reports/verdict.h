// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/reports/result_folder.h"

namespace kairo::reports {

// What the data say about one metric of one arm against the base. "No difference detected" is not
// "equal": it is what remains when neither is shown.
enum class Verdict { kImproved, kRegressed, kNoDifference, kNotEnoughData };

std::string_view verdict_text(Verdict verdict);

inline constexpr double kAlpha = 0.05;

struct Evidence {
  std::size_t base_runs = 0;  // runs that have the figure
  std::size_t test_runs = 0;
  std::size_t family = 1;  // rows that Holm's adjustment is over
  std::optional<double> ratio;
  std::optional<double> p_holm;
};

// Not enough data: a figure is missing, or even complete separation of so few runs would not pass
// the adjusted level. Improved or regressed: the adjusted p is at most 0.05 and the ratio is
// further from 1 than the metric's margin.
Verdict decide(const Metric& metric, const Evidence& evidence);

// How far a report can be believed. VALID: as measured. DEGRADED: read the reasons first.
// INVALID: do not quote it.
enum class Validity { kValid, kDegraded, kInvalid };

std::string_view validity_text(Validity validity);

// One reason. `load` and `arm` are empty when it concerns everything. A reason with level kValid is
// a note: worth knowing, no objection.
struct Reason {
  Validity level;
  std::string code;  // stable, for programs: `incomplete`, `fixture`, `guest-cpu` ...
  std::string load;
  std::string arm;
  std::string text;         // the same wherever it holds
  std::string detail = {};  // what it is here: numbers, which run
};

// `mix, none: text: detail`
std::string reason_text(const Reason& reason);

// A line for each reason, with the places it holds for: `DEGRADED: text: mix none (detail), mix bfq
// (detail)`. A level is `note` when it changes nothing.
std::vector<std::string> reason_lines(const std::vector<Reason>& reasons);

Validity overall(const std::vector<Reason>& reasons);

}  // namespace kairo::reports
