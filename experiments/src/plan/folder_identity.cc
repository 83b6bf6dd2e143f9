// SPDX-License-Identifier: GPL-2.0-only
#include "plan/folder_identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <vector>

namespace kairo::experiments {
namespace {

using reports::Experiment;
using reports::Load;
using reports::TextMap;

constexpr std::string_view kRemedy = "choose another --out, or --fresh to remove what is there";
constexpr std::size_t kShown = 40;

std::string shown(const std::string& text) {
  if (text.empty()) return "none";
  return text.size() <= kShown ? text : text.substr(0, kShown) + "…";
}

std::string unequal(std::string_view what, const std::string& there, const std::string& asked) {
  return fmt::format("{} is {} there, {} now", what, shown(there), shown(asked));
}

// The first key with another value.
std::string unequal_map(std::string_view what, const TextMap& there, const TextMap& asked) {
  std::set<std::string> keys;
  for (const TextMap* const map : {&there, &asked})
    for (const auto& [key, value] : *map) keys.insert(key);
  const auto value = [](const TextMap& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? std::string() : found->second;
  };
  for (const std::string& key : keys)
    if (value(there, key) != value(asked, key))
      return unequal(fmt::format("{}{}", what, key), value(there, key), value(asked, key));
  return {};
}

template <class Item>
std::string names(const std::vector<Item>& items) {
  std::vector<std::string> out;
  for (const Item& item : items) out.push_back(item.name);
  return fmt::format("{}", fmt::join(out, ","));
}

std::string unequal_arms(const Experiment& there, const Experiment& asked) {
  if (names(there.arms) != names(asked.arms))
    return unequal("--arms", names(there.arms), names(asked.arms));
  if (there.base_arm != asked.base_arm) return unequal("base", there.base_arm, asked.base_arm);
  for (std::size_t i = 0; i < there.arms.size(); ++i) {
    const std::string arm = "arm " + there.arms[i].name;
    if (there.arms[i].scheduler != asked.arms[i].scheduler)
      return unequal(arm + ": scheduler", there.arms[i].scheduler, asked.arms[i].scheduler);
    if (there.arms[i].kernel != asked.arms[i].kernel)
      return unequal(arm + ": kernel", there.arms[i].kernel, asked.arms[i].kernel);
    if (const std::string text =
            unequal_map(arm + ": ", settings_of(there.arms[i]), settings_of(asked.arms[i]));
        !text.empty())
      return text;
  }
  return {};
}

std::string phases_text(const Load& load) {
  std::string out;
  for (const reports::Phase& phase : load.phases)
    out += fmt::format("{} {:g}-{:g} ", phase.name, phase.from_s, phase.to_s);
  return out;
}

std::string unequal_loads(const Experiment& there, const Experiment& asked) {
  if (names(there.loads) != names(asked.loads))
    return unequal("--loads", names(there.loads), names(asked.loads));
  for (std::size_t i = 0; i < there.loads.size(); ++i) {
    const Load& old = there.loads[i];
    const Load& now = asked.loads[i];
    const std::string load = "load " + old.name;
    if (old.job_file != now.job_file)
      return fmt::format("{}: its job file is another one, or --set changes it otherwise", load);
    if (const std::string text = unequal_map(load + ": --trace: ", old.workload, now.workload);
        !text.empty())
      return text;
    if (old.kind != now.kind) return unequal(load + ": kind", old.kind, now.kind);
    if (old.description != now.description)
      return unequal(load + ": description", old.description, now.description);
    const auto window = [](const Load& one) {
      return one.window_ms ? std::to_string(*one.window_ms) : std::string();
    };
    if (window(old) != window(now)) return unequal(load + ": window_ms", window(old), window(now));
    if (phases_text(old) != phases_text(now))
      return unequal(load + ": phases", phases_text(old), phases_text(now));
  }
  return {};
}

// A report of fewer would leave out runs that are there.
std::string fewer_repeats(const Experiment& there, const Experiment& asked) {
  for (std::size_t i = 0; i < there.loads.size(); ++i) {
    const unsigned old = there.repeats_of(there.loads[i]);
    const unsigned now = asked.repeats_of(asked.loads[i]);
    if (now < old)
      return fmt::format("--repeats: {} there, {} now: it can only grow (give {} or more, {})", old,
                         now, old, kRemedy);
  }
  return {};
}

// Without the number of repeats, which says nothing about what a run is.
std::string without_repeats(std::string command) {
  constexpr std::string_view kOption = " --repeats ";
  if (const auto at = command.find(kOption); at != std::string::npos) {
    const auto end = command.find(' ', at + kOption.size());
    command.erase(at, end == std::string::npos ? std::string::npos : end - at);
  }
  return command;
}

TextMap without_facts(TextMap environment) {
  for (const char* const key :
       {"kernel", "kernel_base", "kernel_stock", "cmdline", "fio", kSeveralBoots})
    environment.erase(key);
  return environment;
}

std::string other_setting(const Experiment& there, const Experiment& asked) {
  if (there.name != asked.name) return unequal("the experiment", there.name, asked.name);
  if (there.virtual_time != asked.virtual_time)
    return there.virtual_time ? "it is of the guest" : "it is not of the guest";
  for (std::string text :
       {unequal_arms(there, asked), unequal_loads(there, asked),
        there.device_name == asked.device_name
            ? unequal_map("device: ", there.device, asked.device)
            : unequal("the device", there.device_name, asked.device_name),
        unequal_map("", without_facts(there.environment), without_facts(asked.environment))})
    if (!text.empty()) return text;
  const auto first = [](const Experiment& one) {
    return one.seeds.empty() ? std::string() : std::to_string(one.seeds.front());
  };
  if (first(there) != first(asked)) return unequal("the seed", first(there), first(asked));
  const std::string old = without_repeats(there.command);
  if (old != without_repeats(asked.command)) return fmt::format("it was made by `{}`", old);
  return {};
}

}  // namespace

std::string difference(const Experiment& there, const Experiment& asked) {
  const std::string text = other_setting(there, asked);
  if (!text.empty()) return fmt::format("{} ({})", text, kRemedy);
  return fewer_repeats(there, asked);
}

}  // namespace kairo::experiments
