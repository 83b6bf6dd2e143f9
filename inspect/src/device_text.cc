// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <nlohmann/json.hpp>

#include "kairo/base/units.h"
#include "kairo/inspect/device.h"

namespace kairo::inspect {

using Json = nlohmann::ordered_json;

namespace {

// In the order in which they first come.
std::vector<std::string> groups(const DeviceFacts& device) {
  std::vector<std::string> out;
  for (const Fact& fact : device.facts)
    if (std::find(out.begin(), out.end(), fact.group) == out.end()) out.push_back(fact.group);
  return out;
}

}  // namespace

std::string to_text(const DeviceFacts& device, const std::vector<Advice>& advice) {
  std::string out =
      device.kind.empty() ? device.name + '\n' : fmt::format("{}: {}\n", device.name, device.kind);
  for (const std::string& group : groups(device)) {
    out += fmt::format("\n{}\n", group);
    for (const Fact& fact : device.facts) {
      if (fact.group != group) continue;
      const std::string unit = fact.value && !fact.unit.empty() ? " " + fact.unit : "";
      out += fmt::format("  {:<26} {}{}\n", fact.name, fact.value.value_or("n/a"), unit);
    }
  }
  if (!device.below.empty()) out += "\nscheduled by\n";
  for (const DeviceFacts& lower : device.below) {
    const std::string* const line = lower.find("queue", "scheduler");
    out += fmt::format("  {:<26} {}\n", lower.name, line == nullptr ? "n/a" : *line);
  }
  out += advice.empty() ? "\nnothing to recommend\n" : "\nrecommended\n";
  for (const Advice& one : advice) {
    if (one.setting.empty())
      out +=
          fmt::format("  {}{}\n", one.device == device.name ? "" : one.device + ": ", one.reason);
    else
      out += fmt::format("  echo {} > /sys/block/{}/{}\n      {}\n", one.value, one.device,
                         one.setting, one.reason);
  }
  return out;
}

std::string to_json_text(const DeviceFacts& device, const std::vector<Advice>& advice) {
  Json out = {{"schema", 1}, {"device", device.name}, {"kind", device.kind}};
  out["below"] = Json::array();
  for (const DeviceFacts& lower : device.below) out["below"].push_back(lower.name);
  for (const Fact& fact : device.facts) {
    Json value = nullptr;
    if (fact.value) {
      const auto number = base::parse_u64(*fact.value);
      value = number ? Json(*number) : Json(*fact.value);
    }
    out["facts"][fact.group][fact.name] = {{"value", value}, {"unit", fact.unit}};
  }
  out["recommended"] = Json::array();
  for (const Advice& one : advice)
    out["recommended"].push_back({{"device", one.device},
                                  {"setting", one.setting},
                                  {"value", one.value},
                                  {"reason", one.reason}});
  return out.dump(2) + '\n';
}

}  // namespace kairo::inspect
