// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/definition.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "definition_parts.h"
#include "kairo/base/files.h"
#include "kairo/base/suggest.h"
#include "results.h"
#include "toml_reader.h"

namespace kairo::experiments {
namespace {

constexpr std::string_view kFileName = "experiment.toml";

// Control groups of jobs, whose processes enter them before they begin.
Status read_groups(const TomlReader& reader, reports::Arm& arm,
                   std::vector<JobOverride>& overrides) {
  const auto groups = reader.settings("cgroup");
  if (!groups) return base::fail(groups.error());
  std::set<std::string> jobs;
  for (const auto& [name, value] : *groups) {
    const auto slash = name.find('/');
    const std::string job = name.substr(0, slash);
    if (slash == std::string::npos ||
        !std::string_view(name).substr(slash + 1).starts_with("io.") ||
        name.find('/', slash + 1) != std::string::npos ||
        (!job.empty() && !reports::is_valid_name(job)))
      return bad_input("{}: \"{}\" (give \"JOB/io.FILE\", or \"/io.FILE\" for the root)",
                       reader.where("cgroup"), name);
    arm.group_files.emplace(name, value);
    if (job.empty() || !jobs.insert(job).second) continue;
    // A thread cannot leave the group of its process.
    overrides.push_back({job, "thread", "0"});
    overrides.push_back(
        {job, "exec_prerun", fmt::format("(echo $PPID > /sys/fs/cgroup/{}/cgroup.procs)", job)});
  }
  return {};
}

Result<reports::Arm> read_arm(const TomlReader& reader, std::set<std::string>& taken,
                              std::vector<JobOverride>& overrides) {
  if (auto known = reader.only({"name", "scheduler", "kernel", "set", "job", "cgroup", "bpftrace"});
      !known)
    return base::fail(known.error());
  const auto name = read_name(reader, taken);
  if (!name) return base::fail(name.error());
  const auto scheduler = reader.text_or("scheduler", *name);
  if (!scheduler) return base::fail(scheduler.error());
  const auto settings = reader.settings("set");
  if (!settings) return base::fail(settings.error());
  const auto kernel = reader.text_or("kernel", std::string(kPatchedKernel));
  if (!kernel) return base::fail(kernel.error());
  if (*kernel != kPatchedKernel && *kernel != kBaseKernel)
    return bad_input("{}: \"{}\" (give \"{}\", or leave it out for the patched one)",
                     reader.where("kernel"), *kernel, kBaseKernel);
  reports::Arm arm{*name, *scheduler, {}, *kernel};
  for (const auto& [file, value] : *settings) add_queue_file(arm, file, value);
  const auto jobs = reader.settings("job");
  if (!jobs) return base::fail(jobs.error());
  for (const auto& [option, value] : *jobs) {
    const auto change = parse_override(fmt::format("{}={}", option, value));
    if (!change) return bad_input("{}: {}: not key or job.key", reader.where("job"), option);
    overrides.push_back(*change);
    arm.job_options.emplace(option, value);
  }
  if (auto read = read_groups(reader, arm, overrides); !read) return base::fail(read.error());
  if (reader.has("bpftrace")) {
    const auto script = reader.text("bpftrace");
    if (!script) return base::fail(script.error());
    const auto file = existing_file(reader, "bpftrace", tracing_dir(), *script);
    if (!file) return base::fail(file.error());
    arm.script = *script;
  }
  return arm;
}

// `profile` names one file, `profiles` several; both are relative to the folder.
Result<std::vector<fs::path>> read_profiles(const TomlReader& top, const fs::path& directory) {
  const std::string_view key = top.has("profiles") ? "profiles" : "profile";
  if (top.has("profile") && top.has("profiles"))
    return bad_input("{}: give either profile or profiles", top.where("profile"));
  const auto names = top.texts(key);
  if (!names) return base::fail(names.error());
  if (names->empty()) return bad_input("{}: missing (give a file)", top.where(key));
  std::vector<fs::path> out;
  std::set<std::string> stems;
  for (const std::string& name : *names) {
    const auto file = existing_file(top, key, directory, name);
    if (!file) return base::fail(file.error());
    if (!stems.insert(file->stem().string()).second)
      return bad_input("{}: two profiles are called {}", top.where(key), file->stem().string());
    out.push_back(*file);
  }
  return out;
}

Result<reports::Metric> read_metric(const TomlReader& reader) {
  if (auto known = reader.only({"name", "better", "margin"}); !known)
    return base::fail(known.error());
  reports::Metric metric;
  const auto name = reader.text("name");
  if (!name) return base::fail(name.error());
  metric.name = *name;
  const auto better = reader.text("better");
  if (!better) return base::fail(better.error());
  if (*better != "lower" && *better != "higher")
    return bad_input("{}: \"{}\" (give \"lower\" or \"higher\")", reader.where("better"), *better);
  metric.better = *better == "lower" ? reports::Better::kLower : reports::Better::kHigher;
  const auto margin = reader.number_or("margin", 0, 1, 0.02);
  if (!margin) return base::fail(margin.error());
  metric.margin = *margin;
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

Status read_values(const TomlReader& top, Definition& out) {
  const auto question = top.text("question");
  if (!question) return base::fail(question.error());
  out.question = *question;
  auto profiles = read_profiles(top, out.directory);
  if (!profiles) return base::fail(profiles.error());
  out.profiles = std::move(*profiles);
  const auto repeats = top.integer("repeats", 1, 1000);
  if (!repeats) return base::fail(repeats.error());
  out.repeats = static_cast<unsigned>(*repeats);
  const auto seconds = top.integer("seconds", 1, 3600);
  if (!seconds) return base::fail(seconds.error());
  out.seconds = static_cast<unsigned>(*seconds);
  const auto seed = top.integer_or("seed", 0, 1ULL << 32, 1);
  if (!seed) return base::fail(seed.error());
  out.seed = *seed;
  return {};
}

Status read_arms(const TomlReader& top, const fs::path& file, Definition& out) {
  std::set<std::string> arm_names;
  const auto arms = top.tables("arm");
  if (!arms) return base::fail(arms.error());
  for (const TomlReader& reader : *arms) {
    std::vector<JobOverride> overrides;
    auto arm = read_arm(reader, arm_names, overrides);
    if (!arm) return base::fail(arm.error());
    if (!overrides.empty()) out.arm_overrides.emplace(arm->name, std::move(overrides));
    out.arms.push_back(std::move(*arm));
  }
  if (out.arms.empty()) return bad_input("{}: no [[arm]]: nothing to compare", file.string());
  const auto base_arm = top.text("base");
  if (!base_arm) return base::fail(base_arm.error());
  out.base_arm = *base_arm;
  if (arm_names.count(out.base_arm) == 0)
    return bad_input("{}: \"{}\" is not the name of an [[arm]]", top.where("base"), out.base_arm);
  return {};
}

Status read_loads(const TomlReader& top, const fs::path& file, Definition& out) {
  std::set<std::string> load_names;
  const auto loads = top.tables("load");
  if (!loads) return base::fail(loads.error());
  for (const TomlReader& reader : *loads) {
    auto load = read_load(reader, out.directory, load_names);
    if (!load) return base::fail(load.error());
    out.loads.push_back(std::move(*load));
  }
  if (out.loads.empty()) return bad_input("{}: no [[load]]: nothing to run", file.string());
  return {};
}

// Rules are about what was read before.
Status read_metrics_and_rules(const TomlReader& top, Definition& out) {
  const auto metrics = top.tables("metric");
  if (!metrics) return base::fail(metrics.error());
  for (const TomlReader& reader : *metrics) {
    auto metric = read_metric(reader);
    if (!metric) return base::fail(metric.error());
    out.metrics.push_back(*metric);
  }
  if (out.metrics.empty()) out.metrics = reports::default_metrics();

  const auto rules = top.tables("rule");
  if (!rules) return base::fail(rules.error());
  for (const TomlReader& reader : *rules) {
    auto rule = read_rule(reader, out);
    if (!rule) return base::fail(rule.error());
    out.rules.push_back(std::move(*rule));
  }
  return {};
}

}  // namespace

fs::path experiments_dir() {
  return base::data_dir() / "experiments";
}

fs::path tracing_dir() {
  return base::data_dir() / "tracing";
}

Result<Definition> load_definition(const fs::path& directory) {
  const fs::path file = directory / kFileName;
  const auto parsed = parse_toml(file);
  if (!parsed) return base::fail(parsed.error());
  const TomlReader top(file, *parsed, "");
  if (auto known = top.only({"question", "base", "profile", "profiles", "repeats", "seed",
                             "seconds", "arm", "load", "metric", "rule", "collect"});
      !known)
    return base::fail(known.error());

  Definition out;
  out.name = directory.filename().string();
  out.directory = directory;
  if (auto read = read_values(top, out); !read) return base::fail(read.error());
  if (auto read = read_arms(top, file, out); !read) return base::fail(read.error());
  if (auto read = read_loads(top, file, out); !read) return base::fail(read.error());
  if (auto read = read_metrics_and_rules(top, out); !read) return base::fail(read.error());
  auto collect = read_debug_files(top, "collect");
  if (!collect) return base::fail(collect.error());
  out.collect = std::move(*collect);
  return out;
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
  if (auto kept = select(definition.arms, names, "arm"); !kept) return kept;
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
  const auto file = find_profile(name);
  if (!file) return base::fail(file.error());
  definition.profiles = {*file};
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
