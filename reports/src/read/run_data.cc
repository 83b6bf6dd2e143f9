// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/run_data.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "kairo/base/files.h"
#include "read/run_series.h"

namespace kairo::reports {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFioLimit = 64ULL << 20;
constexpr std::uint64_t kSmallLimit = 4ULL << 20;

// The text of an optional file; empty when it is absent.
base::Result<std::string> read_optional(const fs::path& path) {
  std::error_code status;
  if (!fs::exists(path, status)) return std::string();
  return base::read_file(path, kSmallLimit);
}

base::Result<std::vector<EngineStats>> read_engines(const fs::path& directory) {
  std::vector<fs::path> paths;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(directory, status)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("engine-") && name.ends_with(".json")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<EngineStats> out;
  for (const fs::path& path : paths) {
    KAIRO_TRY(const auto text, base::read_file(path, kSmallLimit));
    KAIRO_TRY(auto stats, parse_engine_stats(text, path.string()));
    const auto same = std::find_if(
        out.begin(), out.end(), [&](const EngineStats& other) { return other.job == stats.job; });
    if (same != out.end())
      merge(*same, stats);
    else
      out.push_back(std::move(stats));
  }
  return out;
}

bool belongs_to(IoClass io_class, Direction direction) {
  switch (io_class) {
    case IoClass::kDecode:
    case IoClass::kPrefetch:
      return direction == Direction::kRead;
    case IoClass::kPrefill:
      return direction == Direction::kWrite;
    case IoClass::kEvict:
      return direction == Direction::kTrim;
    case IoClass::kNormal:
      break;
  }
  return true;
}

// Adds `ios` I/Os of one job and direction to a class, with their latencies.
void add_ios(std::optional<ClassResult>& slot, const FioDirection& part, const FioLatency& latency,
             std::uint64_t ios) {
  if (ios == 0) return;
  if (!slot) {
    slot.emplace();
    slot->min_ns = latency.min_ns;
    slot->bytes = 0;
  }
  slot->runtime_ms = std::max(slot->runtime_ms, part.runtime_ms);
  if (latency.count != 0) {
    const auto before = static_cast<double>(slot->ios() - slot->unmeasured);
    const auto added = static_cast<double>(latency.count);
    slot->mean_ns = (slot->mean_ns * before + latency.mean_ns * added) / (before + added);
    slot->min_ns = before == 0 ? latency.min_ns : std::min(slot->min_ns, latency.min_ns);
    slot->max_ns = std::max(slot->max_ns, latency.max_ns);
  }
  slot->latency.merge(latency.histogram);
  if (part.no_latency.empty()) return;
  slot->no_latency = part.no_latency;
  slot->unbinned += ios - latency.histogram.count();
  slot->unmeasured += ios - latency.count;
}

void add_bytes(ClassResult& result, std::optional<std::uint64_t> bytes) {
  if (!bytes)
    result.bytes.reset();
  else if (result.bytes)
    *result.bytes += *bytes;
}

// Sorts the I/Os of one run's jobs into classes.
class Sorter {
 public:
  Sorter(Run* run, std::string source) : run_(run), source_(std::move(source)) {}

  base::Status add(const FioJob& job) {
    const EngineStats* engine = nullptr;
    for (const EngineStats& stats : run_->engines) {
      if (stats.job == job.name) engine = &stats;
    }
    single_.emplace_back();
    for (std::size_t i = 0; i < job.directions.size(); ++i)
      KAIRO_CHECK(add_direction(job, static_cast<Direction>(i), engine));
    return {};
  }

  // By job and direction: the class when all of it is of one class.
  [[nodiscard]] const JobClasses& single_classes() const { return single_; }

 private:
  base::Status add_direction(const FioJob& job, Direction direction, const EngineStats* engine) {
    const FioDirection& part = job.directions[static_cast<std::size_t>(direction)];
    const std::uint64_t ios = part.counted();
    run_->ios += ios;
    run_->short_ios += part.short_ios;
    run_->drop_ios += part.drop_ios;
    if (part.labelled.empty()) {
      if (ios == 0) return {};
      KAIRO_TRY(const auto io_class, only_class(job, direction, engine));
      single_.back()[static_cast<std::size_t>(direction)] = io_class;
      auto& slot = run_->classes[static_cast<std::size_t>(io_class)];
      add_ios(slot, part, part.latency, ios);
      add_bytes(*slot, part.bytes);
      return {};
    }
    for (const FioLabelled& labelled : part.labelled) {
      const auto io_class = class_of_label(labelled.prioclass, labelled.prio);
      if (!io_class)
        return base::bad_input(
            "{}: job '{}', {}: label {}/{} belongs to no class (use the Kairo engine's labels)",
            source_, job.name, kDirectionNames[static_cast<std::size_t>(direction)],
            labelled.prioclass, labelled.prio);
      auto& slot = run_->classes[static_cast<std::size_t>(*io_class)];
      add_ios(slot, part, labelled.latency, labelled.latency.count);
      if (!slot) continue;
      // fio does not count bytes by label. The sidecar does, but over all directions of the job.
      std::optional<std::uint64_t> bytes;
      if (engine != nullptr && *io_class != IoClass::kNormal) {
        const auto& counted = engine->classes[static_cast<std::size_t>(*io_class)];
        // One sidecar stands for all processes of a job, which fio may list one by one.
        const bool first = bytes_taken_.emplace(engine->job, *io_class).second;
        // With a ramp_time the sidecar holds bytes that fio did not measure.
        if (counted && !run_->ramped) bytes = first ? counted->bytes : 0;
      }
      add_bytes(*slot, bytes);
    }
    return {};
  }

  // The class of a direction that fio did not split: from run.json, else the only class that the
  // sidecar counted for this direction, else normal, which is what I/O without a hint is.
  base::Result<IoClass> only_class(const FioJob& job, Direction direction,
                                   const EngineStats* engine) const {
    const std::string_view name = kDirectionNames[static_cast<std::size_t>(direction)];
    if (const auto named = run_->record.classes.find(job.name);
        named != run_->record.classes.end()) {
      const auto found = named->second.find(std::string(name));
      if (found != named->second.end()) return *parse_class(found->second);
    }
    if (engine == nullptr) return IoClass::kNormal;
    std::optional<IoClass> only;
    for (std::size_t i = 0; i < kClassCount; ++i) {
      const auto io_class = static_cast<IoClass>(i);
      if (!engine->classes[i] || engine->classes[i]->ios == 0 || !belongs_to(io_class, direction))
        continue;
      if (only)
        return base::bad_input(
            "{}: job '{}', {}: fio shows one class, the sidecar has {} and {} ({})", source_,
            job.name, name, class_name(*only), class_name(io_class),
            unlabelled_remedy(job.directions[static_cast<std::size_t>(direction)]));
      only = io_class;
    }
    if (!only)
      return base::bad_input(
          "{}: job '{}', {}: {} I/Os, but the sidecar has none of that "
          "direction (repeat this run)",
          source_, job.name, name, job.directions[static_cast<std::size_t>(direction)].ios);
    return *only;
  }

  // fio puts labels on latencies: without these there are none.
  static std::string unlabelled_remedy(const FioDirection& part) {
    if (part.no_latency.empty()) return "repeat this run";
    return part.no_latency + ", which leaves the labels out: repeat this run without";
  }

  Run* run_;
  std::string source_;
  std::set<std::pair<std::string, IoClass>> bytes_taken_;
  JobClasses single_;
};

void add_optional(std::optional<std::uint64_t>& sum, std::uint64_t value) {
  sum = sum.value_or(0) + value;
}

// Errors and lateness by class, and the offered load of jobs that carry one class only.
void add_engine(Run& run, const EngineStats& stats) {
  std::optional<std::size_t> only;
  bool mixed = false;
  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (!stats.classes[i] || (stats.classes[i]->ios == 0 && stats.classes[i]->errors == 0))
      continue;
    mixed = mixed || only.has_value();
    only = i;
    auto& slot = run.classes[i];
    if (!slot) slot.emplace();  // every I/O failed: no latency, but errors to tell
    add_optional(slot->errors, stats.classes[i]->errors);
    add_optional(slot->late, stats.classes[i]->late);
    if (!stats.classes[i]->missed) continue;
    add_optional(slot->with_deadline, stats.classes[i]->ios);
    add_optional(slot->missed, *stats.classes[i]->missed);
  }
  if (!only || mixed || !stats.offered_ios || !stats.issued_ios) return;
  add_optional(run.classes[*only]->offered_ios, *stats.offered_ios);
  add_optional(run.classes[*only]->issued_ios, *stats.issued_ios);
}

// The classes of each fio server, sorted as those of the whole run. Sidecars stay on the servers.
base::Status sort_hosts(Run& run, const std::vector<FioJob>& jobs, const std::string& source) {
  std::map<std::string, Run> parts;
  for (const FioJob& job : jobs) {
    if (job.host.empty()) continue;
    Run& part = parts[job.host];
    part.record = run.record;
    KAIRO_CHECK(Sorter(&part, source).add(job));
  }
  for (auto& [host, part] : parts) run.hosts.emplace(host, std::move(part.classes));
  return {};
}

base::Result<std::optional<CounterTable>> read_counters(const fs::path& directory) {
  const fs::path before_path = directory / "counters-before.txt";
  const fs::path after_path = directory / "counters-after.txt";
  KAIRO_TRY(const auto before_text, read_optional(before_path));
  KAIRO_TRY(const auto after_text, read_optional(after_path));
  if (before_text.empty() || after_text.empty()) return std::optional<CounterTable>();
  KAIRO_TRY(const auto before, parse_counters(before_text, before_path.string()));
  KAIRO_TRY(auto after, parse_counters(after_text, after_path.string()));
  for (auto& [name, row] : after) {
    const auto old_row = before.find(name);
    for (auto& [column, value] : row) {
      const bool known = old_row != before.end() && old_row->second.count(column) != 0;
      if (!known || old_row->second.at(column) > value)
        return base::bad_input("{}: {} {}: lower than before the load (repeat this run)",
                               after_path.string(), name, column);
      value -= old_row->second.at(column);
    }
  }
  return std::optional<CounterTable>(std::move(after));
}

bool grouped(const FioOutput& fio) {
  return fio.global_options.count("group_reporting") != 0 ||
         std::any_of(fio.jobs.begin(), fio.jobs.end(),
                     [](const FioJob& job) { return job.options.count("group_reporting") != 0; });
}

}  // namespace

base::Result<Run> read_run(const fs::path& directory) {
  Run run;
  const fs::path record_path = directory / "run.json";
  KAIRO_TRY(const auto record_text, base::read_file(record_path, kSmallLimit));
  KAIRO_TRY(run.record, parse_run(record_text, record_path.string()));

  const fs::path fio_path = directory / "fio.json";
  KAIRO_TRY(const auto fio_text, base::read_file(fio_path, kFioLimit));
  KAIRO_TRY(const auto fio, parse_fio_json(fio_text, fio_path.string()));
  run.fio_version = fio.version;

  KAIRO_TRY(run.engines, read_engines(directory));
  run.ramped = fio.global_options.count("ramp_time") != 0 ||
               std::any_of(fio.jobs.begin(), fio.jobs.end(),
                           [](const FioJob& job) { return job.options.count("ramp_time") != 0; });
  Sorter sorter(&run, fio_path.string());
  std::set<std::string> names;
  for (const FioJob& job : fio.jobs) {
    if (job.error != 0) ++run.job_errors;
    names.insert(job.name);
    if (job.context_switches) add_optional(run.context_switches, *job.context_switches);
    if (job.user_ns) run.user_ns = run.user_ns.value_or(0) + *job.user_ns;
    if (job.system_ns) run.system_ns = run.system_ns.value_or(0) + *job.system_ns;
    KAIRO_CHECK(sorter.add(job));
  }
  run.job_names = names.size();
  for (const EngineStats& stats : run.engines)
    if (names.count(stats.job) == 0)
      return base::bad_input(
          "{}: has no job '{}', of which there is a sidecar: {} (repeat this run without)",
          fio_path.string(), stats.job,
          grouped(fio) ? "group_reporting put several jobs into one" : "it is of another run");
  KAIRO_CHECK(sort_hosts(run, fio.jobs, fio_path.string()));
  for (const EngineStats& stats : run.engines) add_engine(run, stats);

  for (const auto& [name, map, parse] :
       {std::tuple{"device.txt", &run.device, &parse_key_values},
        std::tuple{"tunables.txt", &run.tunables, &parse_tunables}}) {
    KAIRO_TRY(const auto text, read_optional(directory / name));
    KAIRO_TRY(auto values, parse(text, (directory / name).string()));
    *map = std::move(values);
  }
  KAIRO_TRY(run.counters, read_counters(directory));
  KAIRO_CHECK(read_time_series(directory, sorter.single_classes(), run));
  return run;
}

}  // namespace kairo::reports
