// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/inspect.h"

#include "kairo/base/files.h"
#include "kairo/base/units.h"
#include "kairo/reports/engine_stats.h"
#include "kairo/reports/fio_json.h"
#include "kairo/reports/format.h"
#include "kairo/reports/io_class.h"
#include "kairo/reports/metric.h"
#include "read/json_reader.h"

namespace kairo::reports {
namespace {

// One line of the table: a direction of a job, or one label of it.
struct FioRow {
  std::string job;
  std::string part;
  const FioLatency* latency;
  std::uint64_t ios;
  std::string no_latency;  // why there are no bins
};

std::vector<FioRow> rows_of(const FioOutput& fio) {
  std::vector<FioRow> out;
  for (const FioJob& job : fio.jobs) {
    for (std::size_t i = 0; i < job.directions.size(); ++i) {
      const FioDirection& direction = job.directions[i];
      if (direction.counted() == 0) continue;
      const std::string name(kDirectionNames[i]);
      out.push_back(
          {job.name, name, &direction.latency, direction.counted(), direction.no_latency});
      for (const FioLabelled& labelled : direction.labelled) {
        const auto io_class = class_of_label(labelled.prioclass, labelled.prio);
        out.push_back({job.name,
                       io_class ? fmt::format("{} {}", name, class_name(*io_class))
                                : fmt::format("{} {}/{}", name, labelled.prioclass, labelled.prio),
                       &labelled.latency, labelled.latency.count, direction.no_latency});
      }
    }
  }
  return out;
}

std::string at_least(std::uint64_t ns) {
  return std::string(at_least_mark(Histogram::is_open(static_cast<double>(ns))));
}

std::string fio_text(const FioOutput& fio) {
  std::vector<std::string> header = {"job", "part", "I/Os"};
  for (const Percentile& percentile : kPercentiles)
    header.push_back(fmt::format("{} µs", percentile.label));
  header.emplace_back("max µs");
  Table table(header, {1});
  for (const FioRow& row : rows_of(fio)) {
    const Histogram& histogram = row.latency->histogram;
    std::vector<std::string> cells = {row.job, row.part, base::format_count(row.ios)};
    for (const Percentile& percentile : kPercentiles) {
      const auto value = histogram.supported_percentile(percentile.percent);
      cells.push_back(value ? at_least(*value) + format_number(static_cast<double>(*value) / 1000)
                            : std::string(kNotAvailable));
    }
    cells.push_back(row.latency->count == 0
                        ? std::string(kNotAvailable)
                        : format_number(static_cast<double>(row.latency->max_ns) / 1000));
    table.add(std::move(cells));
  }
  std::string out = fmt::format(
      "{}, {} job(s); counts, percentiles and extremes follow from the "
      "bins\n\n{}",
      fio.version, fio.jobs.size(), table.markdown());
  for (const FioRow& row : rows_of(fio))
    if (!row.no_latency.empty())
      out += fmt::format("\njob '{}', {}: no {}: {}\n", row.job, row.part,
                         row.latency->count == 0 ? "latency" : "percentiles", row.no_latency);
  for (const FioJob& job : fio.jobs) {
    if (job.error != 0) out += fmt::format("\njob '{}' ended with error {}\n", job.name, job.error);
  }
  return out;
}

std::string fio_json(const FioOutput& fio) {
  Json rows = Json::array();
  for (const FioRow& row : rows_of(fio)) {
    const Histogram& histogram = row.latency->histogram;
    const bool measured = row.latency->count != 0;
    Json entry = {{"job", row.job},
                  {"part", row.part},
                  {"ios", row.ios},
                  {"samples", histogram.count()},
                  {"no_latency", row.no_latency.empty() ? Json(nullptr) : Json(row.no_latency)},
                  {"at_least", Json::array()},
                  {"min_ns", measured ? Json(row.latency->min_ns) : Json(nullptr)},
                  {"max_ns", measured ? Json(row.latency->max_ns) : Json(nullptr)}};
    for (const Percentile& percentile : kPercentiles) {
      const auto value = histogram.supported_percentile(percentile.percent);
      entry[std::string(percentile.key)] = value ? Json(*value) : Json(nullptr);
      if (value && Histogram::is_open(static_cast<double>(*value)))
        entry["at_least"].push_back(percentile.key);
    }
    rows.push_back(std::move(entry));
  }
  const Json document = {{"fio_version", fio.version}, {"rows", rows}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string experiment_text(const Experiment& experiment) {
  std::string out = fmt::format(
      "experiment {}\n  {}\n  device {}, {} repeats, {}\n", experiment.name, experiment.question,
      experiment.device_name, experiment.repeats, experiment.complete ? "complete" : "incomplete");
  for (const Load& load : experiment.loads)
    out += fmt::format("  load {} ({}): {}\n", load.name, load.kind, load.description);
  for (const Arm& arm : experiment.arms)
    out += fmt::format("  arm {}: scheduler {}{}\n", arm.name, arm.scheduler,
                       arm.name == experiment.base_arm ? " (base)" : "");
  return out + fmt::format("  made by: {}\n", experiment.command);
}

base::Result<std::string> report_text(const Json& json, const std::string& source) {
  JsonProblem problem{source, "make the report again with kairo report compare"};
  const JsonReader reader(json, &problem);
  reader.expect_schema("kairo-report");
  const JsonReader validity = reader.object("validity");
  std::string out = fmt::format("{}\n{}\n\n{}\n{}\n", reader.text("title"), reader.text("question"),
                                reader.text("answer"), validity.text("level"));
  for (const JsonReader& reason : validity.objects("reasons"))
    out += fmt::format("- {}\n", reason.text("text"));
  if (problem.error) return base::fail(*problem.error);
  return out;
}

std::string engine_text(const EngineStats& stats) {
  std::string out = fmt::format("engine sidecar of job '{}': kv_path {} (asked {})\n", stats.job,
                                stats.path_used, stats.path_asked);
  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (!stats.classes[i]) continue;
    const EngineClass& counted = *stats.classes[i];
    out += fmt::format("  {:<9} {:>12} I/Os {:>10} errors {} late {}\n", kClassNames[i],
                       base::format_count(counted.ios), base::format_bytes(counted.bytes),
                       counted.errors, base::format_count(counted.late));
  }
  return out;
}

std::string run_text(const RunRecord& run) {
  return fmt::format("run {}/{}/{}: order {}, seed {}, fio exit status {}\n", run.load, run.arm,
                     run.repeat, run.order, run.seed, run.fio_exit);
}

// The text for a terminal when the reader accepted the file, the file itself for --json.
template <class T, class Text>
base::Result<std::string> show(const base::Result<T>& parsed, Text text, const Json& json,
                               bool as_json) {
  if (!parsed) return base::fail(parsed.error());
  return as_json ? json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : text(*parsed);
}

}  // namespace

base::Result<std::string> inspect_file(const std::filesystem::path& path, bool as_json) {
  const std::string source = path.string();
  KAIRO_TRY(const auto text, base::read_file(path, 256ULL << 20));
  const auto json = parse_json(text, source);
  std::string schema;
  if (json && json->is_object() && json->contains("schema") && (*json)["schema"].is_string())
    schema = (*json)["schema"].get<std::string>();
  if (schema == "kairo-experiment")
    return show(parse_experiment(text, source), experiment_text, *json, as_json);
  if (schema == "kairo-run") return show(parse_run(text, source), run_text, *json, as_json);
  if (schema == "kairo-engine-stats")
    return show(parse_engine_stats(text, source), engine_text, *json, as_json);
  if (schema == "kairo-report") {
    return show(
        report_text(*json, source), [](const std::string& shown) { return shown; }, *json, as_json);
  }
  if (!schema.empty())
    return base::bad_input("{}: schema: '{}' is unknown (update kairo)", source, schema);
  // fio's output may have text around the JSON, so only its own reader can judge it.
  KAIRO_TRY(const auto fio, parse_fio_json(text, source));
  return as_json ? fio_json(fio) : fio_text(fio);
}

}  // namespace kairo::reports
