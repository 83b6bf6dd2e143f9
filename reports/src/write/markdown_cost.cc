// SPDX-License-Identifier: GPL-2.0-only
// The section about runs that were watched by perf or strace.
#include <algorithm>

#include "kairo/reports/format.h"
#include "write/markdown_parts.h"

namespace kairo::reports {
namespace {

std::string cell(const std::map<std::string, double>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? std::string(kNotAvailable) : format_number(found->second);
}

std::string events_table(const std::vector<CostProfile>& profiles) {
  Table table({"load", "arm", "instructions", "cycles", "cache misses", "branch misses", "CPU ns"},
              {1});
  bool any = false;
  for (const CostProfile& profile : profiles) {
    any = any || !profile.events_per_io.empty();
    table.add({profile.load, profile.arm, cell(profile.events_per_io, "instructions"),
               cell(profile.events_per_io, "cycles"), cell(profile.events_per_io, "cache-misses"),
               cell(profile.events_per_io, "branch-misses"),
               cell(profile.events_per_io, "task-clock")});
  }
  return any ? "\nper I/O, by `perf stat` of fio and what it started:\n\n" + table.markdown()
             : std::string();
}

std::string calls_table(const std::vector<CostProfile>& profiles) {
  constexpr std::size_t kNamed = 3;
  Table table({"load", "arm", "system calls", "the most frequent"}, {1, 3});
  bool any = false;
  for (const CostProfile& profile : profiles) {
    if (profile.calls_per_io.empty()) continue;
    any = true;
    double sum = 0;
    std::vector<std::pair<double, std::string>> calls;
    for (const auto& [name, count] : profile.calls_per_io) {
      sum += count;
      calls.emplace_back(-count, name);
    }
    std::sort(calls.begin(), calls.end());
    std::string names;
    for (std::size_t i = 0; i < calls.size() && i < kNamed; ++i)
      names += fmt::format("{}{} {}", i == 0 ? "" : ", ", calls[i].second,
                           format_number(-calls[i].first));
    table.add({profile.load, profile.arm, format_number(sum), plain(names)});
  }
  return any ? "\nper I/O, by `strace -c` of fio from its start to its end:\n\n" + table.markdown()
             : std::string();
}

}  // namespace

std::string cost_section(const Report& report, const std::vector<Plot>& plots) {
  if (report.cost.empty()) return {};
  std::string out =
      "\n## Cost profiles\n\n" +
      wrap("From runs of their own: who is watched is slower, so nothing above comes from them.", 0,
           0) +
      "\n";
  out += events_table(report.cost);
  out += calls_table(report.cost);
  for (const Plot& plot : plots)
    if (plot.place == PlotPlace::kCost) out += fmt::format("\n![{}]({})\n", plot.title, plot.file);
  return out;
}

}  // namespace kairo::reports
