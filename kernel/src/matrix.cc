// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "kairo/kernel/step_log.h"

namespace kairo::kernel {
namespace {

// A column and the steps that speak for it: names that start so.
struct Column {
  std::string_view title;
  std::vector<std::string_view> names;
};

const std::array<Column, 6>& columns() {
  static const std::array<Column, 6> kColumns = {
      {{"applies", {"check"}},
       {"builds", {"build-lab", "build-debug"}},
       {"boots", {"boot-"}},
       {"counters", {"test-HintCounters", "test-Carriers/HintCounters"}},
       {"tracing", {"test-Tracing"}},
       {"A/B", {"experiment-"}}}};
  return kColumns;
}

bool speaks_for(const Step& step, const Column& column) {
  return std::any_of(column.names.begin(), column.names.end(), [&](std::string_view name) {
    return std::string_view(step.name).starts_with(name);
  });
}

// `yes, 2026-11-25` with the newest date; `NO` names what failed; n/a without a step.
std::string cell(const std::vector<const Step*>& steps) {
  if (steps.empty()) return "n/a";
  std::string newest;
  std::string failed;
  for (const Step* step : steps) {
    newest = std::max(newest, step->finished.substr(0, 10));
    if (step->exit_status != 0) failed += (failed.empty() ? "" : ", ") + step->name;
  }
  return failed.empty() ? fmt::format("yes, {}", newest)
                        : fmt::format("NO, {}: {}", newest, failed);
}

}  // namespace

std::string kernel_matrix(const std::vector<Step>& steps, std::string_view series) {
  std::set<std::string> bases;
  for (const Step& step : steps)
    if (step.series == series) bases.insert(step.base);
  std::string out = fmt::format(
      "# What was done on which kernel\n\n"
      "Made by `kairo kernel matrix` from the steps that the commands noted; nothing here is "
      "written "
      "by hand.\nSeries {}, on the base versions of linux-source it was tried on. n/a: no step of "
      "this series.\n\n| base |",
      series);
  std::string dashes = "\n|---|";
  for (const Column& column : columns()) {
    out += fmt::format(" {} |", column.title);
    dashes += "---|";
  }
  out += dashes + "\n";
  for (const std::string& base : bases) {
    out += fmt::format("| {} |", base);
    for (const Column& column : columns()) {
      std::vector<const Step*> own;
      for (const Step& step : steps)
        if (step.series == series && step.base == base && speaks_for(step, column))
          own.push_back(&step);
      out += fmt::format(" {} |", cell(own));
    }
    out += "\n";
  }
  out +=
      "\n## The steps\n\n| step | base | command | status | seconds | finished | result |\n"
      "|---|---|---|--:|--:|---|---|\n";
  std::size_t others = 0;
  for (const Step& step : steps) {
    if (step.series != series) {
      ++others;
      continue;
    }
    out += fmt::format("| {} | {} | `{}` | {} | {} | {} | {} |\n", step.name, step.base,
                       step.command, step.exit_status, step.seconds, step.finished, step.note);
  }
  if (others != 0) out += fmt::format("\nLeft out: {} steps of other series.\n", others);
  return out;
}

}  // namespace kairo::kernel
