// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/arm.h"

#include <string_view>

namespace kairo::reports {
namespace {

constexpr std::string_view kJob = "job ";
constexpr std::string_view kGroup = "cgroup ";
constexpr std::string_view kScript = "bpftrace";

void add_with(TextMap& out, std::string_view prefix, const TextMap& settings) {
  for (const auto& [name, value] : settings) out.emplace(std::string(prefix) + name, value);
}

}  // namespace

TextMap settings_of(const Arm& arm) {
  TextMap out = arm.tunables;
  add_with(out, "", arm.device_files);
  add_with(out, kJob, arm.job_options);
  add_with(out, kGroup, arm.group_files);
  if (!arm.script.empty()) out.emplace(kScript, arm.script);
  return out;
}

void add_queue_file(Arm& arm, const std::string& name, const std::string& value) {
  (name.find('/') == std::string::npos ? arm.tunables : arm.device_files).emplace(name, value);
}

void add_setting(Arm& arm, const std::string& name, const std::string& value) {
  if (name == kScript)
    arm.script = value;
  else if (name.starts_with(kJob))
    arm.job_options.emplace(name.substr(kJob.size()), value);
  else if (name.starts_with(kGroup))
    arm.group_files.emplace(name.substr(kGroup.size()), value);
  else
    add_queue_file(arm, name, value);
}

}  // namespace kairo::reports
