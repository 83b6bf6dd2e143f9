// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <climits>

#include "definition/definition_parts.h"
#include "kairo/base/short_names.h"

namespace kairo::experiments {
namespace {

constexpr unsigned kMaxRepeats = 1000;
constexpr unsigned kMaxSeconds = 3600;
constexpr double kMaxPhaseSeconds = 3600;
constexpr unsigned kMaxGeneratedRequests = 1'000'000;

// A debugfs name stays below the device's folder.
bool is_debug_file(const std::string& name) {
  if (name.empty() || name.front() == '/') return false;
  const fs::path path(name);
  return std::all_of(path.begin(), path.end(),
                     [](const fs::path& part) { return reports::is_valid_name(part.string()); });
}

reports::Phase read_phase(const TomlReader& reader, std::set<std::string>& taken) {
  reader.only({"name", "from_s", "to_s"});
  reports::Phase out{.name = read_name(reader, taken)};
  for (auto [key, member] : {std::pair{"from_s", &out.from_s}, std::pair{"to_s", &out.to_s}}) {
    *member = reader.number(key);
    if (!(*member >= 0 && *member <= kMaxPhaseSeconds))
      reader.refuse(key, "give seconds from 0 to {}", kMaxPhaseSeconds);
  }
  if (out.to_s <= out.from_s) reader.refuse("to_s", "not after from_s");
  return out;
}

SampleDefinition read_sample(const TomlReader& reader) {
  reader.only({"file", "every_ms"});
  SampleDefinition out{.file = reader.text("file")};
  if (!is_debug_file(out.file))
    reader.refuse("file",
                  "\"{}\" (give a file below /sys/kernel/debug/block/DEV: \"sched/counters\")",
                  out.file);
  out.every_ms = static_cast<unsigned>(reader.integer("every_ms", 1, 60000));
  return out;
}

GeneratedTrace read_generated(const TomlReader& reader) {
  reader.only({"requests", "seed"});
  return {.requests = static_cast<unsigned>(reader.integer("requests", 1, kMaxGeneratedRequests)),
          .seed = static_cast<unsigned>(reader.integer("seed", 0, INT_MAX))};
}

// What a load says about its time: its own repeats and seconds, windows, phases, samples.
void read_time(const TomlReader& reader, LoadDefinition& load) {
  load.repeats = reader.maybe_integer("repeats", 1, kMaxRepeats);
  load.seconds = reader.maybe_integer("seconds", 1, kMaxSeconds);
  load.window_ms = reader.maybe_integer("window_ms", 1, 60000);
  std::set<std::string> names;
  for (const TomlReader& phase : reader.tables("phases"))
    load.phases.push_back(read_phase(phase, names));
  if (!load.phases.empty() && !load.window_ms)
    reader.refuse("phases", "phases need window_ms, the width of the windows they are made of");
  for (const TomlReader& sample : reader.table_or_tables("sample"))
    load.samples.push_back(read_sample(sample));
}

}  // namespace

std::string GeneratedTrace::command() const {
  return fmt::format("kairo trace sample --requests {} --seed {}", requests, seed);
}

// Names become folder names and job variables.
std::string read_name(const TomlReader& reader, std::set<std::string>& taken) {
  std::string name = reader.text("name");
  if (!reports::is_valid_name(name))
    reader.refuse("name", "\"{}\" cannot be a folder name (use letters, digits, . _ + -)", name);
  if (!taken.insert(name).second) reader.refuse("name", "\"{}\" is there twice", name);
  return name;
}

fs::path existing_file(const TomlReader& reader, std::string_view key, const fs::path& base,
                       const std::string& text) {
  fs::path path = (base / text).lexically_normal();
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) reader.refuse(key, "{}: no such file", path.string());
  return path;
}

std::vector<std::string> read_debug_files(const TomlReader& reader, std::string_view key) {
  std::vector<std::string> names = reader.texts(key);
  for (const std::string& name : names)
    if (!is_debug_file(name))
      reader.refuse(key, "\"{}\" (give files below /sys/kernel/debug/block/DEV: \"sched/latency\")",
                    name);
  return names;
}

LoadDefinition read_load(const TomlReader& reader, const fs::path& directory,
                         std::set<std::string>& taken) {
  reader.only({"name", "description", "job", "decode_share", "prefetch_share", "trace", "generate",
               "repeats", "seconds", "window_ms", "phases", "sample"});
  LoadDefinition load;
  load.name = read_name(reader, taken);
  load.description = reader.text("description");
  load.job = existing_file(reader, "job", directory, reader.text("job"));
  load.decode_share = reader.number_or("decode_share", 0, 1, 0);
  load.prefetch_share = reader.number_or("prefetch_share", 0, 1, 0);
  if (reader.has("trace"))
    load.trace = existing_file(reader, "trace", directory, reader.text("trace"));
  const auto generate = reader.table_or_tables("generate");
  if (generate.size() == 1) load.generated = read_generated(generate.front());
  if (generate.size() > 1) reader.refuse("generate", "a load replays one trace");
  if (load.generated && !load.trace.empty())
    reader.refuse("generate", "the load has a trace, too: one of both");
  read_time(reader, load);
  return load;
}

}  // namespace kairo::experiments
