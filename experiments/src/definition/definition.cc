// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/definition.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "definition/definition_parts.h"
#include "definition/toml_reader.h"
#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/suggest.h"

namespace kairo::experiments {
namespace {

constexpr std::string_view kFileName = "experiment.toml";

// Control groups of jobs, whose processes enter them before they begin.
void read_groups(const TomlReader& reader, reports::Arm& arm, std::vector<JobOverride>& overrides) {
  std::set<std::string> jobs;
  for (const auto& [name, value] : reader.settings("cgroup")) {
    const auto slash = name.find('/');
    const std::string job = name.substr(0, slash);
    if (slash == std::string::npos ||
        !std::string_view(name).substr(slash + 1).starts_with("io.") ||
        name.find('/', slash + 1) != std::string::npos ||
        (!job.empty() && !reports::is_valid_name(job)))
      reader.refuse("cgroup", "\"{}\" (give \"JOB/io.FILE\", or \"/io.FILE\" for the root)", name);
    arm.group_files.emplace(name, value);
    if (job.empty() || !jobs.insert(job).second) continue;
    // A thread cannot leave the group of its process.
    overrides.push_back({job, "thread", "0"});
    overrides.push_back(
        {job, "exec_prerun", fmt::format("(echo $PPID > /sys/fs/cgroup/{}/cgroup.procs)", job)});
  }
}

reports::Arm read_arm(const TomlReader& reader, std::set<std::string>& taken,
                      std::vector<JobOverride>& overrides) {
  reader.only({"name", "scheduler", "kernel", "set", "job", "cgroup", "bpftrace"});
  const std::string name = read_name(reader, taken);
  reports::Arm arm{.name = name, .scheduler = reader.text_or("scheduler", name)};
  const auto settings = reader.settings("set");
  arm.kernel = reader.text_or("kernel", std::string(kPatchedKernel));
  if (arm.kernel != kPatchedKernel && arm.kernel != kBaseKernel && arm.kernel != kStockKernel)
    reader.refuse("kernel", "\"{}\" (give \"{}\" or \"{}\", or leave it out for the patched one)",
                  arm.kernel, kBaseKernel, kStockKernel);
  for (const auto& [file, value] : settings) add_queue_file(arm, file, value);
  for (const auto& [option, value] : reader.settings("job")) {
    if (const auto change = parse_override(fmt::format("{}={}", option, value)))
      overrides.push_back(*change);
    else
      reader.refuse("job", "{}: not key or job.key", option);
    arm.job_options.emplace(option, value);
  }
  read_groups(reader, arm, overrides);
  if (reader.has("bpftrace")) {
    arm.script = reader.text("bpftrace");
    (void)existing_file(reader, "bpftrace", tracing_dir(), arm.script);
  }
  return arm;
}

// `profile` names one file, `profiles` several; both are relative to the folder.
std::vector<fs::path> read_profiles(const TomlReader& top, const fs::path& directory) {
  const std::string_view key = top.has("profiles") ? "profiles" : "profile";
  if (top.has("profile") && top.has("profiles"))
    top.refuse("profile", "give either profile or profiles");
  const auto names = top.texts(key);
  if (names.empty()) top.refuse(key, "missing (give a file)");
  std::vector<fs::path> out;
  std::set<std::string> stems;
  for (const std::string& name : names) {
    out.push_back(existing_file(top, key, directory, name));
    const std::string stem = out.back().stem().string();
    if (!stems.insert(stem).second) top.refuse(key, "two profiles are called {}", stem);
  }
  return out;
}

reports::Metric read_metric(const TomlReader& reader) {
  reader.only({"name", "better", "margin"});
  reports::Metric metric;
  metric.name = reader.text("name");
  const std::string better = reader.text("better");
  if (better != "lower" && better != "higher")
    reader.refuse("better", "\"{}\" (give \"lower\" or \"higher\")", better);
  metric.better = better == "lower" ? reports::Better::kLower : reports::Better::kHigher;
  metric.margin = reader.number_or("margin", 0, 1, 0.02);
  return metric;
}

// Keeps of `items` those whose name is in `names`, in the order of `items`.
template <class Item>
Status select(std::vector<Item>& items, const std::vector<std::string>& names,
              std::string_view what) {
  if (names.empty()) return {};
  std::vector<std::string> known;
  for (const Item& item : items) known.push_back(item.name);
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return base::fail(base::ErrorCode::kUsage,
                        "{} \"{}\": not in this experiment{} (there are: {})", what, name,
                        base::did_you_mean(name, known), fmt::join(known, ", "));
  items.erase(std::remove_if(items.begin(), items.end(),
                             [&](const Item& item) {
                               return std::find(names.begin(), names.end(), item.name) ==
                                      names.end();
                             }),
              items.end());
  return {};
}

void read_values(const TomlReader& top, Definition& out) {
  out.question = top.text("question");
  out.profiles = read_profiles(top, out.directory);
  out.repeats = static_cast<unsigned>(top.integer("repeats", 1, 1000));
  out.seconds = static_cast<unsigned>(top.integer("seconds", 1, 3600));
  out.seed = top.integer_or("seed", 0, 1ULL << 32, 1);
}

void read_arms(TomlFile& file, Definition& out) {
  const TomlReader top = file.top();
  std::set<std::string> names;
  for (const TomlReader& reader : top.tables("arm")) {
    std::vector<JobOverride> overrides;
    out.arms.push_back(read_arm(reader, names, overrides));
    if (!overrides.empty()) out.arm_overrides.emplace(out.arms.back().name, std::move(overrides));
  }
  if (out.arms.empty()) file.refuse("no [[arm]]: nothing to compare");
  out.base_arm = top.text("base");
  if (!names.contains(out.base_arm))
    top.refuse("base", "\"{}\" is not the name of an [[arm]]", out.base_arm);
}

void read_loads(TomlFile& file, Definition& out) {
  std::set<std::string> names;
  for (const TomlReader& reader : file.top().tables("load"))
    out.loads.push_back(read_load(reader, out.directory, names));
  if (out.loads.empty()) file.refuse("no [[load]]: nothing to run");
}

// Rules are about what was read before.
void read_metrics_and_rules(const TomlReader& top, Definition& out) {
  for (const TomlReader& reader : top.tables("metric")) out.metrics.push_back(read_metric(reader));
  if (out.metrics.empty()) out.metrics = reports::default_metrics();
  for (const TomlReader& reader : top.tables("rule")) out.rules.push_back(read_rule(reader, out));
}

}  // namespace

fs::path experiments_dir() {
  return base::data_dir() / "experiments";
}

fs::path tracing_dir() {
  return base::data_dir() / "tracing";
}

Result<Definition> load_definition(const fs::path& directory) {
  TomlFile file(directory / kFileName);
  const TomlReader top = file.top();
  top.only({"question", "base", "profile", "profiles", "repeats", "seed", "seconds", "arm", "load",
            "metric", "rule", "collect"});

  Definition out;
  out.name = directory.filename().string();
  out.directory = directory;
  read_values(top, out);
  read_arms(file, out);
  read_loads(file, out);
  read_metrics_and_rules(top, out);
  out.collect = read_debug_files(top, "collect");
  return file.result(std::move(out));
}

std::vector<fs::path> list_experiments(const fs::path& root) {
  std::vector<fs::path> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored))
    if (fs::exists(entry.path() / kFileName, ignored)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string without_number(const std::string& folder) {
  const auto dash = folder.find('-');
  const bool numbered =
      dash != std::string::npos && dash != 0 && folder.find_first_not_of("0123456789") == dash;
  return numbered ? folder.substr(dash + 1) : folder;
}

Result<fs::path> find_experiment(const fs::path& root, std::string_view name) {
  std::vector<fs::path> fitting;
  std::vector<std::string> known;
  std::vector<std::string> guesses;
  for (const fs::path& directory : list_experiments(root)) {
    const std::string folder = directory.filename().string();
    const std::string slug = without_number(folder);
    if (folder == name || slug == name) return directory;
    known.push_back(folder);
    guesses.insert(guesses.end(), {folder, slug});
    if (!name.empty() && (folder.starts_with(name) || slug.starts_with(name)))
      fitting.push_back(directory);
  }
  if (fitting.size() == 1) return fitting.front();
  return base::fail(base::ErrorCode::kUsage, "\"{}\": {} experiment{} (there are: {})", name,
                    fitting.empty() ? "no such" : "more than one",
                    fitting.empty() ? base::did_you_mean(name, guesses) : "",
                    fmt::join(known, ", "));
}

Status select_arms(Definition& definition, const std::vector<std::string>& names) {
  KAIRO_CHECK(select(definition.arms, names, "arm"));
  const bool base_is_there =
      std::any_of(definition.arms.begin(), definition.arms.end(),
                  [&](const reports::Arm& arm) { return arm.name == definition.base_arm; });
  if (!base_is_there) definition.base_arm = definition.arms.front().name;
  return {};
}

bool use_one_kernel(Definition& definition) {
  bool changed = false;
  for (reports::Arm& arm : definition.arms)
    changed = !std::exchange(arm.kernel, std::string(kPatchedKernel)).empty() || changed;
  return changed;
}

Result<fs::path> find_profile(const std::string& name) {
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) return fs::path(name);
  const fs::path folder = experiments_dir() / "profiles";
  const fs::path file = folder / (name + ".toml");
  if (fs::is_regular_file(file, ignored)) return file;
  std::vector<std::string> known;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".toml") known.push_back(entry.path().stem().string());
  std::sort(known.begin(), known.end());
  return base::fail(base::ErrorCode::kUsage, "profile {}: no such file{} (in {} there are: {})",
                    name, base::did_you_mean(name, known), folder.string(), fmt::join(known, ", "));
}

Status select_profile(Definition& definition, const std::string& name) {
  for (const fs::path& profile : definition.profiles)
    if (profile.stem() == name) {
      definition.profiles = {profile};
      return {};
    }
  KAIRO_TRY(const auto file, find_profile(name));
  definition.profiles = {file};
  return {};
}

void set_repeats(Definition& definition, unsigned repeats) {
  definition.repeats = repeats;
  for (LoadDefinition& load : definition.loads) load.repeats.reset();
}

void set_seconds(Definition& definition, unsigned seconds) {
  definition.seconds = seconds;
  for (LoadDefinition& load : definition.loads) load.seconds.reset();
}

Status select_loads(Definition& definition, const std::vector<std::string>& names) {
  return select(definition.loads, names, "load");
}

}  // namespace kairo::experiments
