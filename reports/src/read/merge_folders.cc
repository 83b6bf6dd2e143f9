// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

std::string folder_name(const ResultFolder& folder) {
  auto path = folder.root.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path.filename().string();
}

// Renames an arm in the definition and in every run of it.
void rename_arm(ResultFolder& folder, const std::string& from, const std::string& to) {
  for (Arm& arm : folder.experiment.arms) {
    if (arm.name == from) arm.name = to;
  }
  for (Run& run : folder.runs) {
    if (run.record.arm == from) run.record.arm = to;
  }
  for (CostProfile& profile : folder.cost) {
    if (profile.arm == from) profile.arm = to;
  }
  if (folder.experiment.base_arm == from) folder.experiment.base_arm = to;
}

void note_difference(std::vector<Reason>& reasons, const std::string& what, const std::string& a,
                     const std::string& b) {
  reasons.push_back({Validity::kDegraded, "folders-differ", "", "", "the folders differ",
                     fmt::format("{}: {} and {}", what, a, b)});
}

std::string value_or_missing(const TextMap& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "n/a" : found->second;
}

void note_differences(const Experiment& first, const std::string& fio, const ResultFolder& other,
                      std::vector<Reason>& reasons) {
  const auto compare = [&](const std::string& prefix, const TextMap& a, const TextMap& b) {
    std::set<std::string> keys;
    for (const auto& [key, unused] : a) keys.insert(key);
    for (const auto& [key, unused] : b) keys.insert(key);
    for (const std::string& key : keys) {
      const std::string left = value_or_missing(a, key);
      const std::string right = value_or_missing(b, key);
      if (left != right) note_difference(reasons, prefix + key, left, right);
    }
  };
  compare("", first.environment, other.experiment.environment);
  compare("device ", first.device, other.experiment.device);
  if (fio != other.runs.front().fio_version)
    note_difference(reasons, "fio's version", fio, other.runs.front().fio_version);
}

// What a drive is called and made of, by folder.
struct NamedDevice {
  std::string folder;
  std::string name;
  TextMap parameters;
};

// One description of several drives: a parameter in which they differ says whose is which.
void describe_devices(Experiment& merged, const std::vector<NamedDevice>& devices) {
  std::vector<std::string> names;
  TextMap all;
  for (const NamedDevice& device : devices) {
    if (std::find(names.begin(), names.end(), device.name) == names.end())
      names.push_back(device.name);
    all.insert(device.parameters.begin(), device.parameters.end());
  }
  merged.device_name = fmt::format("{}", fmt::join(names, " and "));
  merged.device.clear();
  for (const auto& [key, value] : all) {
    std::vector<std::string> values;
    for (const NamedDevice& device : devices)
      values.push_back(
          fmt::format("{} ({})", value_or_missing(device.parameters, key), device.folder));
    const bool same = std::all_of(devices.begin(), devices.end(), [&](const NamedDevice& device) {
      return value_or_missing(device.parameters, key) == value;
    });
    merged.device[key] = same ? value : fmt::format("{}", fmt::join(values, ", "));
  }
}

base::Status add_loads(Experiment& merged, const ResultFolder& folder) {
  for (const Load& load : folder.experiment.loads) {
    const auto same = std::find_if(merged.loads.begin(), merged.loads.end(),
                                   [&](const Load& other) { return other.name == load.name; });
    if (same == merged.loads.end()) {
      merged.loads.push_back(load);
    } else if (same->job_sha256 != load.job_sha256 || same->workload != load.workload) {
      return base::bad_input(
          "{}: load '{}' has another job file or workload than the first folder's (compare folders "
          "of the same load, or give the load another name)",
          folder.root.string(), load.name);
    }
  }
  return {};
}

}  // namespace

base::Result<ResultFolder> merge_folders(std::vector<ResultFolder> folders,
                                         std::vector<Reason>& reasons) {
  if (folders.empty()) return base::fail(base::ErrorCode::kUsage, "no result folder given");
  if (folders.size() == 1) return std::move(folders.front());

  std::multiset<std::string> names;
  std::set<std::string> labels;
  for (const ResultFolder& folder : folders) {
    for (const Arm& arm : folder.experiment.arms) names.insert(arm.name);
    if (!labels.insert(folder_name(folder)).second)
      return base::fail(base::ErrorCode::kUsage,
                        "two folders are named '{}' (rename one: the report shows the name)",
                        folder_name(folder));
  }
  for (ResultFolder& folder : folders) {
    for (const Arm& arm : std::vector<Arm>(folder.experiment.arms)) {
      if (names.count(arm.name) > 1)
        rename_arm(folder, arm.name, folder_name(folder) + ":" + arm.name);
    }
  }

  ResultFolder out = std::move(folders.front());
  const Experiment first = out.experiment;
  std::vector<NamedDevice> devices = {{folder_name(out), first.device_name, first.device}};
  for (std::size_t i = 1; i < folders.size(); ++i) {
    ResultFolder& folder = folders[i];
    note_differences(first, out.runs.front().fio_version, folder, reasons);
    devices.push_back(
        {folder_name(folder), folder.experiment.device_name, folder.experiment.device});
    KAIRO_CHECK(add_loads(out.experiment, folder));
    for (Arm& arm : folder.experiment.arms) out.experiment.arms.push_back(std::move(arm));
    for (Run& run : folder.runs) out.runs.push_back(std::move(run));
    for (CostProfile& profile : folder.cost) out.cost.push_back(std::move(profile));
    for (const std::string& run : folder.missing)
      out.missing.push_back(folder_name(folder) + "/" + run);
    out.experiment.complete = out.experiment.complete && folder.experiment.complete;
    out.experiment.fixture = out.experiment.fixture || folder.experiment.fixture;
    out.experiment.virtual_time = out.experiment.virtual_time && folder.experiment.virtual_time;
    out.experiment.command += "\n" + folder.experiment.command;
  }
  describe_devices(out.experiment, devices);
  return out;
}

}  // namespace kairo::reports
