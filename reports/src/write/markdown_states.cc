// SPDX-License-Identifier: GPL-2.0-only
// The states of the scheduler's controller over time, and what it knew when it entered each.
#include <algorithm>
#include <array>

#include "kairo/reports/format.h"
#include "write/markdown_parts.h"

namespace kairo::reports {
namespace {

constexpr std::size_t kMostRows = 24;

// Keys of debugfs' sched/control (Documentation/block/kairo-iosched.rst). A value up to `least`
// says what `few` does: 0 is not known yet, or no rate; 1 MiB/s is what a drive is at least taken
// for; a budget of 1 byte is one request at a time.
struct Evidence {
  const char* key;
  const char* title;
  double factor;
  double least;
  std::string_view few;
};
constexpr std::array<Evidence, 6> kEvidence = {{
    {"decode_level_ns", "decode takes µs", 1e-3, 0, kNotAvailable},
    {"decode_low_ns", "with little in its way", 1e-3, 0, kNotAvailable},
    {"decode_goal_ns", "goal", 1e-3, 0, kNotAvailable},
    {"drain_bytes_per_s", "drive keeps up with MB/s", 1e-6, 1 << 20, kNotAvailable},
    {"pace_bytes_per_s", "rate MB/s", 1e-6, 0, "any"},
    {"prefill_budget_bytes", "budget KiB", 1.0 / 1024, 1, "one request"},
}};

std::string cell(const SampledFile& file, const Evidence& evidence, std::size_t at) {
  const auto column = file.series.find(evidence.key);
  if (column == file.series.end() || at >= column->second.size() || !column->second[at])
    return std::string(kNotAvailable);
  const double value = *column->second[at];
  return value <= evidence.least ? std::string(evidence.few)
                                 : format_number(value * evidence.factor);
}

// A row for each sample whose word is another than in the one before.
std::string states_table(const SampledFile& file, const std::vector<std::string>& words) {
  std::string out = "| from s | state |";
  std::string rule = "|---:|---|";
  for (const Evidence& evidence : kEvidence) {
    out += fmt::format(" {} |", evidence.title);
    rule += "---:|";
  }
  out += "\n" + rule + "\n";
  std::size_t changes = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty() || (i > 0 && words[i] == words[i - 1])) continue;
    if (++changes > kMostRows) continue;
    out += fmt::format("| {:.3f} | {} |", file.at_s[i], plain(words[i]));
    for (const Evidence& evidence : kEvidence) out += fmt::format(" {} |", cell(file, evidence, i));
    out += "\n";
  }
  if (changes > kMostRows) out += fmt::format("\n{} more changes.\n", changes - kMostRows);
  return out;
}

}  // namespace

std::string states_section(const LoadReport& load) {
  std::string out;
  for (const ArmSummary& arm : load.arms) {
    const auto control = arm.samples.find("sched/control");
    if (control == arm.samples.end()) continue;
    const auto pace = control->second.words.find("pace");
    if (pace == control->second.words.end()) continue;
    out += fmt::format("\n### States of {} over time, run 1\n\n{}", arm.arm.name,
                       states_table(control->second, pace->second));
  }
  return out;
}

}  // namespace kairo::reports
