// SPDX-License-Identifier: GPL-2.0-only
#include "plan/request.h"

#include <algorithm>

#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "plan/effort.h"

namespace kairo::experiments {
namespace {

bool replays(const Definition& definition) {
  return std::any_of(definition.loads.begin(), definition.loads.end(),
                     [](const LoadDefinition& load) { return load.replays(); });
}

// A trace that nothing of what was asked for replays would be ignored.
Status check_trace_is_used(const RunOptions& options, const std::vector<std::string>& names) {
  if (options.trace.empty()) return {};
  if (options.target == "hosts")
    return base::fail(base::ErrorCode::kUsage,
                      "--trace: the hosts do not have the file, so --target hosts replays none "
                      "(run it there with --target host)");
  for (const std::string& name : names) {
    const auto definition = read_definition(options, name);
    // What is wrong with it is said when it is run.
    if (!definition || replays(*definition)) return {};
  }
  std::string others;
  for (const fs::path& directory : list_experiments(experiments_dir()))
    if (const auto known = load_definition(directory); known && replays(*known))
      others += (others.empty() ? "" : ", ") + known->name;
  return base::fail(base::ErrorCode::kUsage,
                    "--trace: no load that was chosen replays a trace (experiments with one: {})",
                    others);
}

// The folders of the experiments asked for; "all" is every one.
base::Result<std::vector<std::string>> names_of(const RunOptions& options) {
  std::vector<std::string> out;
  for (const std::string& name : options.names) {
    if (name == "all") {
      for (const fs::path& directory : list_experiments(experiments_dir()))
        out.push_back(directory.filename().string());
      continue;
    }
    KAIRO_TRY(const auto directory, find_experiment(experiments_dir(), name));
    out.push_back(directory.filename().string());
  }
  return out;
}

}  // namespace

Result<std::vector<std::string>> check_request(const RunOptions& options) {
  if (options.target != "vm" && options.device.empty())
    return base::fail(base::ErrorCode::kUsage,
                      "--target {}: name the drive to overwrite (--device /dev/nvme1n1)",
                      options.target);
  if (options.target != "hosts" && !options.hosts.empty())
    return base::fail(base::ErrorCode::kUsage, "--hosts: belongs to --target hosts");
  if (options.target == "hosts" && !options.cost.empty())
    return base::fail(
        base::ErrorCode::kUsage,
        "--cost: fio runs on the hosts, out of sight (run it there with --target host)");
  KAIRO_TRY(auto names, names_of(options));
  KAIRO_CHECK(check_trace_is_used(options, names));
  return names;
}

base::Result<Definition> read_definition(const RunOptions& options, const std::string& name) {
  KAIRO_TRY(const auto directory, find_experiment(experiments_dir(), name));
  auto definition = load_definition(directory);
  if (!definition) return definition;
  KAIRO_CHECK(select_arms(*definition, options.arms));
  KAIRO_CHECK(select_loads(*definition, options.loads));
  if (options.repeats != 0) set_repeats(*definition, options.repeats);
  if (options.seconds != 0) set_seconds(*definition, options.seconds);
  if (!options.profile.empty()) KAIRO_CHECK(select_profile(*definition, options.profile));
  return definition;
}

std::string reproduce_command(const RunOptions& options, const Definition& definition,
                              const std::string& profile) {
  std::vector<std::string> argv = {"kairo", "experiment", "run", definition.name};
  const auto add = [&](const char* option, const std::string& value) {
    argv.emplace_back(option);
    argv.push_back(value);
  };
  if (options.one_kernel) argv.emplace_back("--one-kernel");
  if (options.target != "vm") {
    add("--target", options.target);
    for (const std::string& host : options.hosts) add("--hosts", host);
    if (!options.engine.empty()) add("--engine", options.engine);
    add("--device", options.device);
    add("--overwrite", options.overwrite);
  }
  for (const std::string& probe : options.cost) add("--cost", probe);
  if (!profile.empty()) add("--profile", profile);
  if (!options.trace.empty()) add("--trace", options.trace);
  for (const std::string& arm : options.arms) add("--arms", arm);
  for (const std::string& load : options.loads) add("--loads", load);
  for (const std::string& set : options.sets) add("--set", set);
  add("--repeats", std::to_string(definition.repeats));
  if (options.seconds != 0) add("--seconds", std::to_string(options.seconds));
  return base::shell_quote(argv);
}

unsigned guests_of(const RunOptions& options) {
  return options.guests != 0 ? options.guests : default_guests();
}

}  // namespace kairo::experiments
