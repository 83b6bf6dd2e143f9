// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "definition_parts.h"
#include "results.h"

namespace kairo::experiments {
namespace {

constexpr unsigned kMaxRepeats = 1000;
constexpr unsigned kMaxSeconds = 3600;
constexpr double kMaxPhaseSeconds = 3600;

// A whole number that a load may have of its own.
Result<std::optional<unsigned>> optional_integer(const TomlReader& reader, std::string_view key,
                                                 std::uint64_t low, std::uint64_t high) {
  std::optional<unsigned> out;
  if (!reader.has(key)) return out;
  const auto value = reader.integer(key, low, high);
  if (!value) return base::fail(value.error());
  out = static_cast<unsigned>(*value);
  return out;
}

// A debugfs name stays below the device's folder.
bool is_debug_file(const std::string& name) {
  if (name.empty() || name.front() == '/') return false;
  const fs::path path(name);
  return std::all_of(path.begin(), path.end(),
                     [](const fs::path& part) { return reports::is_valid_name(part.string()); });
}

Result<reports::Phase> read_phase(const TomlReader& reader, std::set<std::string>& taken) {
  if (auto known = reader.only({"name", "from_s", "to_s"}); !known)
    return base::fail(known.error());
  reports::Phase out;
  const auto name = read_name(reader, taken);
  if (!name) return base::fail(name.error());
  out.name = *name;
  for (auto [key, member] : {std::pair{"from_s", &out.from_s}, std::pair{"to_s", &out.to_s}}) {
    const auto value = reader.number(key);
    if (!value) return base::fail(value.error());
    if (!(*value >= 0 && *value <= kMaxPhaseSeconds))
      return bad_input("{}: give seconds from 0 to {}", reader.where(key), kMaxPhaseSeconds);
    *member = *value;
  }
  if (out.to_s <= out.from_s) return bad_input("{}: not after from_s", reader.where("to_s"));
  return out;
}

Result<SampleDefinition> read_sample(const TomlReader& reader) {
  if (auto known = reader.only({"file", "every_ms"}); !known) return base::fail(known.error());
  const auto file = reader.text("file");
  if (!file) return base::fail(file.error());
  if (!is_debug_file(*file))
    return bad_input(
        "{}: \"{}\" (give a file below /sys/kernel/debug/block/DEV: \"sched/counters\")",
        reader.where("file"), *file);
  const auto every = reader.integer("every_ms", 1, 60000);
  if (!every) return base::fail(every.error());
  return SampleDefinition{*file, static_cast<unsigned>(*every)};
}

// What a load says about its time: its own repeats and seconds, windows, phases, samples.
Status read_time(const TomlReader& reader, LoadDefinition& load) {
  for (auto [key, high, member] : {std::tuple{"repeats", kMaxRepeats, &load.repeats},
                                   std::tuple{"seconds", kMaxSeconds, &load.seconds},
                                   std::tuple{"window_ms", 60000U, &load.window_ms}}) {
    const auto value = optional_integer(reader, key, 1, high);
    if (!value) return base::fail(value.error());
    *member = *value;
  }
  const auto phases = reader.tables("phases");
  if (!phases) return base::fail(phases.error());
  std::set<std::string> names;
  for (const TomlReader& phase : *phases) {
    auto read = read_phase(phase, names);
    if (!read) return base::fail(read.error());
    load.phases.push_back(std::move(*read));
  }
  if (!load.phases.empty() && !load.window_ms)
    return bad_input("{}: phases need window_ms, the width of the windows they are made of",
                     reader.where("phases"));
  const auto samples = reader.table_or_tables("sample");
  if (!samples) return base::fail(samples.error());
  for (const TomlReader& sample : *samples) {
    auto read = read_sample(sample);
    if (!read) return base::fail(read.error());
    load.samples.push_back(std::move(*read));
  }
  return {};
}

}  // namespace

// Names become folder names and job variables.
Result<std::string> read_name(const TomlReader& reader, std::set<std::string>& taken) {
  auto name = reader.text("name");
  if (!name) return name;
  if (!reports::is_valid_name(*name))
    return bad_input("{}: \"{}\" cannot be a folder name (use letters, digits, . _ + -)",
                     reader.where("name"), *name);
  if (!taken.insert(*name).second)
    return bad_input("{}: \"{}\" is there twice", reader.where("name"), *name);
  return name;
}

Result<fs::path> existing_file(const TomlReader& reader, std::string_view key, const fs::path& base,
                               const std::string& text) {
  const fs::path path = (base / text).lexically_normal();
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored))
    return bad_input("{}: {}: no such file", reader.where(key), path.string());
  return path;
}

Result<std::vector<std::string>> read_debug_files(const TomlReader& reader, std::string_view key) {
  auto names = reader.texts(key);
  if (!names) return names;
  for (const std::string& name : *names)
    if (!is_debug_file(name))
      return bad_input(
          "{}: \"{}\" (give files below /sys/kernel/debug/block/DEV: \"sched/latency\")",
          reader.where(key), name);
  return names;
}

Result<LoadDefinition> read_load(const TomlReader& reader, const fs::path& directory,
                                 std::set<std::string>& taken) {
  if (auto known = reader.only({"name", "description", "job", "decode_share", "prefetch_share",
                                "trace", "repeats", "seconds", "window_ms", "phases", "sample"});
      !known)
    return base::fail(known.error());
  LoadDefinition load;
  const auto name = read_name(reader, taken);
  if (!name) return base::fail(name.error());
  load.name = *name;
  const auto description = reader.text("description");
  if (!description) return base::fail(description.error());
  load.description = *description;
  const auto job_name = reader.text("job");
  if (!job_name) return base::fail(job_name.error());
  const auto job = existing_file(reader, "job", directory, *job_name);
  if (!job) return base::fail(job.error());
  load.job = *job;
  const auto decode = reader.number_or("decode_share", 0, 1, 0);
  if (!decode) return base::fail(decode.error());
  load.decode_share = *decode;
  const auto prefetch = reader.number_or("prefetch_share", 0, 1, 0);
  if (!prefetch) return base::fail(prefetch.error());
  load.prefetch_share = *prefetch;
  if (reader.has("trace")) {
    const auto trace_name = reader.text("trace");
    if (!trace_name) return base::fail(trace_name.error());
    const auto trace = existing_file(reader, "trace", directory, *trace_name);
    if (!trace) return base::fail(trace.error());
    load.trace = *trace;
  }
  if (auto read = read_time(reader, load); !read) return base::fail(read.error());
  return load;
}

}  // namespace kairo::experiments
