// SPDX-License-Identifier: GPL-2.0-only
// experiment.json and run.json, both ways.
#include <algorithm>

#include "kairo/reports/io_class.h"
#include "kairo/reports/metric.h"
#include "kairo/reports/result_folder.h"
#include "read/json_reader.h"
#include "read/rule_json.h"

namespace kairo::reports {
namespace {

constexpr unsigned kMaxRepeats = 10000;
constexpr unsigned kMaxWindowMs = 60000;

template <class T>
Json optional_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string finish(const Json& document) {
  // A setting read from a kernel file may hold any byte; the writer must not throw for it.
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json metric_json(const Metric& metric) {
  return {{"name", metric.name},
          {"better", metric.better == Better::kLower ? "lower" : "higher"},
          {"margin", metric.margin}};
}

Json load_json(const Load& load) {
  Json out = {{"name", load.name},
              {"kind", load.kind},
              {"description", load.description},
              {"job_file", load.job_file},
              {"job_sha256", load.job_sha256},
              {"workload", load.workload},
              {"sample", load.sample}};
  if (load.repeats) out["repeats"] = *load.repeats;
  if (load.window_ms) out["window_ms"] = *load.window_ms;
  for (const Phase& phase : load.phases)
    out["phases"].push_back({{"name", phase.name}, {"from_s", phase.from_s}, {"to_s", phase.to_s}});
  return out;
}

std::string read_name(const JsonReader& reader, const char* key) {
  std::string name = reader.text(key);
  if (!is_valid_name(name))
    reader.refuse(key, fmt::format("'{}' is not 1 to 64 of A-Z a-z 0-9 . _ + -", name));
  return name;
}

// A whole number from 1 to `limit`, or nothing.
std::optional<unsigned> read_limited(const JsonReader& reader, const char* key,
                                     std::uint64_t limit) {
  const auto value = reader.maybe_u64(key);
  if (!value) return std::nullopt;
  if (*value == 0 || *value > limit)
    reader.refuse(key, fmt::format("{} is not from 1 to {}", *value, limit));
  return static_cast<unsigned>(std::min(*value, limit));
}

Arm read_arm(const JsonReader& reader) {
  Arm out{read_name(reader, "name"), reader.text("scheduler")};
  for (const auto& [name, value] : reader.text_map("settings")) add_setting(out, name, value);
  if (reader.has("kernel")) out.kernel = reader.text("kernel");
  return out;
}

Json arm_json(const Arm& arm) {
  Json out = {{"name", arm.name}, {"scheduler", arm.scheduler}, {"settings", settings_of(arm)}};
  if (!arm.kernel.empty()) out["kernel"] = arm.kernel;
  return out;
}

Load read_load(const JsonReader& reader) {
  Load load;
  load.name = read_name(reader, "name");
  load.kind = reader.text("kind");
  if (load.kind != "synthetic" && load.kind != "trace")
    reader.refuse("kind", fmt::format("'{}' is neither synthetic nor trace", load.kind));
  load.description = reader.text("description");
  load.job_file = reader.text("job_file");
  load.job_sha256 = reader.text("job_sha256");
  load.workload = reader.text_map("workload");
  load.sample = reader.flag("sample");
  load.repeats = read_limited(reader, "repeats", kMaxRepeats);
  load.window_ms = read_limited(reader, "window_ms", kMaxWindowMs);
  if (reader.has("phases"))
    for (const JsonReader& phase : reader.objects("phases"))
      load.phases.push_back({phase.text("name"), phase.number("from_s"), phase.number("to_s")});
  return load;
}

Metric read_metric(const JsonReader& reader) {
  Metric metric;
  metric.name = read_metric_name(reader, "name");
  const std::string better = reader.text("better");
  if (better != "lower" && better != "higher")
    reader.refuse("better", fmt::format("'{}' is neither lower nor higher", better));
  metric.better = better == "higher" ? Better::kHigher : Better::kLower;
  metric.margin = reader.number("margin");
  if (metric.margin < 0 || metric.margin >= 1) reader.refuse("margin", "not from 0 to below 1");
  return metric;
}

template <class Items>
void refuse_duplicates(const JsonReader& reader, const char* key, const Items& items) {
  for (auto item = items.begin(); item != items.end(); ++item) {
    for (auto other = items.begin(); other != item; ++other) {
      if (other->name == item->name)
        reader.refuse(key, fmt::format("two have the name '{}'", item->name));
    }
  }
}

}  // namespace

bool is_valid_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '+' || c == '-';
         });
}

std::string to_json_text(const Experiment& experiment) {
  Json arms = Json::array();
  for (const Arm& arm : experiment.arms) arms.push_back(arm_json(arm));
  Json loads = Json::array();
  for (const Load& load : experiment.loads) loads.push_back(load_json(load));
  Json rules = Json::array();
  for (const Rule& rule : experiment.rules) rules.push_back(rule_json(rule));
  Json metrics = Json::array();
  for (const Metric& metric : experiment.metrics) metrics.push_back(metric_json(metric));
  return finish({{"schema", "kairo-experiment"},
                 {"version", 1},
                 {"name", experiment.name},
                 {"question", experiment.question},
                 {"arms", arms},
                 {"base_arm", experiment.base_arm},
                 {"device", {{"name", experiment.device_name}, {"parameters", experiment.device}}},
                 {"loads", loads},
                 {"repeats", experiment.repeats},
                 {"seeds", experiment.seeds},
                 {"metrics", metrics},
                 {"rules", rules},
                 {"command", experiment.command},
                 {"environment", experiment.environment},
                 {"virtual_time", experiment.virtual_time},
                 {"fixture", experiment.fixture},
                 {"complete", experiment.complete}});
}

std::string to_json_text(const RunRecord& run) {
  Json out = {
      {"schema", "kairo-run"},
      {"version", 1},
      {"load", run.load},
      {"arm", run.arm},
      {"repeat", run.repeat},
      {"order", run.order},
      {"seed", run.seed},
      {"fio_exit", run.fio_exit},
      {"virtual_ns", optional_json(run.virtual_ns)},
      {"cpu",
       {{"busy_ns", optional_json(run.cpu_busy_ns)}, {"idle_ns", optional_json(run.cpu_idle_ns)}}},
      {"begin_ns", optional_json(run.begin_ns)},
      {"classes", run.classes}};
  if (run.kernel) out["kernel"] = {{"release", run.kernel->release}, {"build", run.kernel->build}};
  return finish(out);
}

base::Result<Experiment> parse_experiment(std::string_view text, const std::string& source) {
  JsonDocument document(text, source, "run the experiment again or correct the field",
                        "kairo-experiment");
  const JsonReader reader = document.top();

  Experiment out;
  out.name = read_name(reader, "name");
  out.question = reader.text("question");
  for (const JsonReader& arm : reader.objects("arms")) out.arms.push_back(read_arm(arm));
  refuse_duplicates(reader, "arms", out.arms);
  out.base_arm = reader.text("base_arm");
  const auto is_base = [&](const Arm& arm) { return arm.name == out.base_arm; };
  if (std::none_of(out.arms.begin(), out.arms.end(), is_base))
    reader.refuse("base_arm", fmt::format("'{}' is not one of the arms", out.base_arm));
  const JsonReader device = reader.object("device");
  out.device_name = device.text("name");
  out.device = device.text_map("parameters");
  for (const JsonReader& load : reader.objects("loads")) out.loads.push_back(read_load(load));
  refuse_duplicates(reader, "loads", out.loads);
  if (out.loads.empty()) reader.refuse("loads", "none");
  const std::uint64_t repeats = reader.u64("repeats");
  if (repeats == 0 || repeats > kMaxRepeats)
    reader.refuse("repeats", fmt::format("{} is not from 1 to {}", repeats, kMaxRepeats));
  out.repeats = static_cast<unsigned>(std::min<std::uint64_t>(repeats, kMaxRepeats));
  if (const Json seeds = reader.json().value("seeds", Json::array()); seeds.is_array()) {
    for (const Json& seed : seeds) {
      if (seed.is_number_unsigned())
        out.seeds.push_back(seed.get<std::uint64_t>());
      else
        reader.refuse("seeds", "one is not a whole number");
    }
  }
  for (const JsonReader& metric : reader.objects("metrics"))
    out.metrics.push_back(read_metric(metric));
  refuse_duplicates(reader, "metrics", out.metrics);
  if (out.metrics.empty()) out.metrics = default_metrics();
  if (reader.has("rules"))
    for (const JsonReader& rule : reader.objects("rules")) out.rules.push_back(read_rule(rule));
  out.command = reader.text("command");
  out.environment = reader.text_map("environment");
  out.virtual_time = reader.flag("virtual_time");
  out.fixture = reader.flag("fixture");
  out.complete = reader.flag("complete");
  return document.result(std::move(out));
}

base::Result<RunRecord> parse_run(std::string_view text, const std::string& source) {
  JsonDocument document(text, source, "repeat this run", "kairo-run");
  const JsonReader reader = document.top();

  RunRecord out;
  out.load = read_name(reader, "load");
  out.arm = read_name(reader, "arm");
  out.repeat = static_cast<unsigned>(std::min<std::uint64_t>(reader.u64("repeat"), kMaxRepeats));
  out.order = static_cast<unsigned>(std::min<std::uint64_t>(reader.u64("order"), UINT32_MAX));
  out.seed = reader.u64("seed");
  out.fio_exit = static_cast<int>(std::min<std::uint64_t>(reader.u64("fio_exit"), 255));
  out.virtual_ns = reader.maybe_u64("virtual_ns");
  out.begin_ns = reader.maybe_u64("begin_ns");
  const JsonReader cpu = reader.object("cpu");
  out.cpu_busy_ns = cpu.maybe_u64("busy_ns");
  out.cpu_idle_ns = cpu.maybe_u64("idle_ns");
  if (reader.has("kernel")) {
    const JsonReader kernel = reader.object("kernel");
    out.kernel = KernelId{kernel.text("release"), kernel.text("build")};
  }
  const JsonReader classes = reader.object("classes");
  for (const auto& [job, unused] : classes.json().items()) {
    out.classes[job] = classes.text_map(job.c_str());
    for (const auto& [direction, name] : out.classes[job]) {
      if (direction != "read" && direction != "write" && direction != "trim")
        classes.refuse(job.c_str(), fmt::format("'{}' is not read, write or trim", direction));
      if (!parse_class(name)) classes.refuse(job.c_str(), fmt::format("'{}' is not a class", name));
    }
  }
  return document.result(std::move(out));
}

}  // namespace kairo::reports
