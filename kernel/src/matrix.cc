// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "kairo/kernel/build.h"
#include "kairo/kernel/step_log.h"

namespace kairo::kernel {
namespace {

bool speaks_for(const Step& step, const MatrixColumn& column) {
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

// What a row is about: a base version, and the series or the base image on it.
using Kernel = std::pair<std::string, std::string>;

std::string row_of(const std::vector<Step>& steps, const Kernel& kernel, std::string_view what) {
  std::string out = fmt::format("| {} | {} |", kernel.first, what);
  for (const MatrixColumn& column : matrix_columns()) {
    std::vector<const Step*> own;
    for (const Step& step : steps)
      if (Kernel(step.base, step.series) == kernel && speaks_for(step, column))
        own.push_back(&step);
    out += fmt::format(" {} |", cell(own));
  }
  return out + "\n";
}

}  // namespace

const std::vector<MatrixColumn>& matrix_columns() {
  static const std::vector<MatrixColumn> kColumns = {
      {.title = "applies", .names = {"check"}},
      {.title = "builds", .names = {"build-lab", "build-debug", "build-base", "build-stock"}},
      {.title = "boots", .names = {"boot-"}},
      {.title = "counters",
       .names = {"test-HintCounters", "test-Carriers/HintCounters", "test-GuestStock"}},
      {.title = "tracing", .names = {"test-Tracing"}},
      {.title = "A/B", .names = {"experiment-"}}};
  return kColumns;
}

std::string kernel_matrix(const std::vector<Step>& steps, std::string_view series,
                          std::string_view base_image) {
  const std::map<std::string, std::string, std::less<>> kinds = {
      {std::string(series), "series"},
      {std::string(base_image), "base image"},
      {stock_image_series(series), "Debian's, with the module"}};
  const auto ours = [&](const Step& step) { return kinds.count(step.series) != 0; };
  std::set<Kernel> kernels;
  for (const Step& step : steps)
    if (ours(step)) kernels.emplace(step.base, step.series);
  std::string out = fmt::format(
      "# What was done on which kernel\n\n"
      "<!-- measured: series={0} command=\"kairo kernel matrix\" -->\n\n"
      "Made by `kairo kernel matrix` from the steps that the commands noted; nothing here is "
      "written "
      "by hand.\nSeries {0}, on the base versions of linux-source it was tried on, and the base "
      "image "
      "that stock\narms of experiments run on ({1}), or Debian's own kernel with the module. n/a: "
      "no "
      "step of these.\n\n| base | kernel |",
      series, base_image);
  std::string dashes = "\n|---|---|";
  for (const MatrixColumn& column : matrix_columns()) {
    out += fmt::format(" {} |", column.title);
    dashes += "---|";
  }
  out += dashes + "\n";
  for (const Kernel& kernel : kernels) out += row_of(steps, kernel, kinds.at(kernel.second));
  out +=
      "\n## The steps\n\n| step | base | kernel | command | status | seconds | finished | result "
      "|\n"
      "|---|---|---|---|--:|--:|---|---|\n";
  std::size_t others = 0;
  for (const Step& step : steps) {
    if (!ours(step)) {
      ++others;
      continue;
    }
    out += fmt::format("| {} | {} | {} | `{}` | {} | {} | {} | {} |\n", step.name, step.base,
                       kinds.at(step.series), step.command, step.exit_status, step.seconds,
                       step.finished, step.note);
  }
  if (others != 0) out += fmt::format("\nLeft out: {} steps of other series.\n", others);
  out += "\n<!-- /measured -->\n";
  return out;
}

}  // namespace kairo::kernel
