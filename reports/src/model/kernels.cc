// SPDX-License-Identifier: GPL-2.0-only
// Which kernel an arm ran on, and what a reader must know where there are several.
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

// `none, bfq on 6.12.117-base-1; kairo on 6.12.117-kairo-2`, in the order of the arms.
std::string arms_by_kernel(const LoadReport& load) {
  std::vector<std::pair<std::string, std::vector<std::string>>> kernels;
  for (const ArmSummary& arm : load.arms) {
    const std::string release = kernel_release(arm);
    auto kernel = std::find_if(kernels.begin(), kernels.end(),
                               [&](const auto& other) { return other.first == release; });
    if (kernel == kernels.end()) kernel = kernels.insert(kernels.end(), {release, {}});
    kernel->second.push_back(arm.arm.name);
  }
  std::string out;
  for (const auto& [release, arms] : kernels)
    out += fmt::format("{}{} on {}", out.empty() ? "" : "; ", fmt::join(arms, ", "),
                       release.empty() ? "an unknown one" : release);
  return out;
}

// A run of an arm on another kernel than the arm's first run.
const RunRecord* stray_run(const ArmSummary& arm) {
  const auto id = [](const RunRecord& run) {
    return run.kernel ? run.kernel->release + " " + run.kernel->build : std::string();
  };
  const auto stray = std::find_if(arm.runs.begin(), arm.runs.end(), [&](const RunRecord& run) {
    return id(run) != id(arm.runs.front());
  });
  return stray == arm.runs.end() ? nullptr : &*stray;
}

}  // namespace

std::string kernel_release(const ArmSummary& arm) {
  if (arm.runs.empty() || !arm.runs.front().kernel) return {};
  return arm.runs.front().kernel->release;
}

bool on_different_kernels(const ArmSummary& arm, const ArmSummary& other) {
  const std::string left = kernel_release(arm);
  const std::string right = kernel_release(other);
  return !left.empty() && !right.empty() && left != right;
}

std::vector<Reason> kernel_reasons(const LoadReport& load) {
  std::vector<Reason> out;
  const std::string& name = load.load.name;
  for (const ArmSummary& arm : load.arms)
    if (const RunRecord* const stray = stray_run(arm))
      out.push_back({Validity::kInvalid, "kernel-changed", name, arm.arm.name,
                     "the runs of an arm were on several kernels",
                     fmt::format("run {} ran on another kernel than run {}", stray->repeat,
                                 arm.runs.front().repeat)});
  const bool several = std::any_of(load.arms.begin(), load.arms.end(), [&](const ArmSummary& arm) {
    return on_different_kernels(arm, load.arms.front());
  });
  if (several)
    out.push_back({Validity::kValid, "kernels", "", "",
                   "arms on different kernels: " + arms_by_kernel(load)});
  return out;
}

}  // namespace kairo::reports
