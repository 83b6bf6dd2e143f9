// SPDX-License-Identifier: GPL-2.0-only
// report.md: the verdict first, then what it rests on, then how to repeat it. Tables are aligned as
// plain text because they get pasted into mails.
#include <algorithm>

#include "kairo/base/units.h"
#include "kairo/reports/format.h"
#include "kairo/reports/report.h"
#include "write/markdown_parts.h"
#include "write/markdown_tables.h"

namespace kairo::reports {
namespace {

std::string overview(const LoadReport& load) {
  std::vector<Column> columns;
  const auto add = [&](const char* name, const char* title) {
    const MetricName metric = metric_of(name);
    if (!metric.io_class || class_seen(load, *metric.io_class)) columns.push_back({title, metric});
  };
  add("decode.p50_ns", "decode p50");
  add("decode.p99_ns", "p99");
  add("decode.p999_ns", "p99.9");
  add("normal.p99_ns", "normal p99");
  add("prefetch.bytes_per_s", "prefetch");
  add("prefill.bytes_per_s", "prefill");
  add("utilisation", "used");
  add("virtual_ns_per_io", "CPU/IO");
  return arms_table(load, columns);
}

std::string samples_text(const ClassSummary& summary) {
  const std::vector<double> ios = summary.figures[place_of(kClassFigures, "ios")].values();
  if (ios.empty()) return std::string(kNotAvailable);
  const auto [low, high] = std::minmax_element(ios.begin(), ios.end());
  const auto count = [](double value) {
    return base::format_count(static_cast<std::uint64_t>(value));
  };
  return *low == *high ? count(*low) : fmt::format("{}–{}", count(*low), count(*high));
}

std::string percentile_table(const LoadReport& load, std::size_t io_class) {
  std::vector<std::string> header = {"arm", "I/Os per run"};
  for (const Percentile& percentile : kPercentiles) header.emplace_back(percentile.label);
  header.emplace_back("longest");
  Table table(header);
  for (const ArmSummary& arm : load.arms) {
    std::vector<std::string> row = {arm.arm.name};
    if (const auto& summary = arm.classes[io_class]; summary) {
      row.push_back(samples_text(*summary));
      for (const PercentileFigure& figure : summary->percentiles)
        row.push_back(shown_text(
            {figure.value, figure.source == PercentileSource::kPooled, figure.at_least}, 1e-3));
      row.push_back(format_optional(summary->longest_ns, 1e-3));
    } else {
      row.resize(header.size(), std::string(kNotAvailable));
    }
    table.add(std::move(row));
  }
  return table.markdown();
}

std::string settings_text(const TextMap& settings) {
  std::string out;
  for (const auto& [key, value] : settings)
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", key, value);
  return plain(out);
}

std::string counters_part(const LoadReport& load, const std::vector<std::string>& columns) {
  std::vector<std::string> header = {"arm", "class"};
  header.insert(header.end(), columns.begin(), columns.end());
  Table table(header, {1});
  for (const ArmSummary& arm : load.arms) {
    if (!arm.counters) continue;
    for (const std::string_view io_class : kClassNames) {
      const auto row = arm.counters->find(std::string(io_class));
      if (row == arm.counters->end()) continue;
      std::vector<std::string> cells = {arm.arm.name, std::string(io_class)};
      for (const std::string& column : columns) {
        const auto value = row->second.find(column);
        cells.push_back(value == row->second.end() ? std::string(kNotAvailable)
                                                   : base::format_count(value->second));
      }
      table.add(std::move(cells));
    }
  }
  return table.markdown();
}

std::string counters_table(const LoadReport& load) {
  // The order of the kernel's file; what a newer kernel adds comes after.
  const std::vector<std::string> known = {"queued", "dispatched", "completed", "expired", "merged"};
  std::vector<std::string> columns;
  for (const ArmSummary& arm : load.arms) {
    if (!arm.counters) continue;
    if (columns.empty()) columns = known;
    for (const auto& [io_class, row] : *arm.counters) {
      for (const auto& [column, value] : row) {
        if (std::find(columns.begin(), columns.end(), column) == columns.end())
          columns.push_back(column);
      }
    }
  }
  if (columns.empty()) return {};
  constexpr std::size_t kPerTable = 5;
  std::string out;
  for (std::size_t from = 0; from < columns.size(); from += kPerTable) {
    const std::vector<std::string> part(
        columns.begin() + static_cast<std::ptrdiff_t>(from),
        columns.begin() + static_cast<std::ptrdiff_t>(std::min(columns.size(), from + kPerTable)));
    out += (from == 0 ? "" : "\n") + counters_part(load, part);
  }
  return out;
}

// The classes of each phase of a load; empty when it has none.
std::string phase_tables(const LoadReport& load) {
  std::string out;
  for (std::size_t i = 0; i < load.load.phases.size(); ++i) {
    const Phase& phase = load.load.phases[i];
    std::vector<Column> columns;
    const auto add = [&](IoClass io_class, const char* figure, const char* title) {
      if (!class_seen(load, io_class)) return;
      const std::string name(class_name(io_class));
      columns.push_back({name + title, metric_of(name + figure)});
    };
    add(IoClass::kDecode, ".p50_ns", " p50");
    add(IoClass::kDecode, ".p99_ns", " p99");
    add(IoClass::kDecode, ".bytes_per_s", "");
    add(IoClass::kPrefetch, ".bytes_per_s", "");
    add(IoClass::kPrefill, ".bytes_per_s", "");
    add(IoClass::kNormal, ".bytes_per_s", "");
    out += fmt::format("\n### Phase {}, {:g} to {:g} s\n\n", plain(phase.name), phase.from_s,
                       phase.to_s);
    out += arms_table(load, columns, [&](const ArmSummary& arm, const MetricName& name) {
      return i < arm.phases.size() ? shown_value(arm.phases[i].classes, name) : ShownValue{};
    });
  }
  return out;
}

bool has_pooled(const LoadReport& load) {
  for (const ArmSummary& arm : load.arms) {
    for (const auto& summary : arm.classes) {
      if (!summary) continue;
      for (const PercentileFigure& figure : summary->percentiles) {
        if (figure.source == PercentileSource::kPooled) return true;
      }
    }
  }
  return false;
}

std::string load_section(const Report& report, const LoadReport& load,
                         const std::vector<Plot>& plots) {
  std::string out = fmt::format("\n## Load: {}\n\n", load.load.name);
  if (!load.load.description.empty()) out += wrap(plain(load.load.description), 0, 0) + "\n\n";
  std::size_t fewest = SIZE_MAX;
  std::size_t most = 0;
  for (const ArmSummary& arm : load.arms) {
    fewest = std::min(fewest, arm.runs.size());
    most = std::max(most, arm.runs.size());
  }
  if (load.arms.empty()) return out + "No finished run.\n";
  out +=
      fmt::format("Medians over {} per arm{}.\n\n",
                  fewest == most ? format_runs(most) : fmt::format("{} to {} runs", fewest, most),
                  has_pooled(load) ? "; `*` is the percentile of all runs' samples together" : "");
  out += overview(load);

  for (const Plot& plot : plots) {
    if (plot.load == load.load.name && plot.place == PlotPlace::kLoad)
      out += fmt::format("\n![{}]({})\n", plot.title, plot.file);
  }

  out += phase_tables(load);
  out += states_section(load);
  out += comparison_section(report, load);

  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (class_seen(load, static_cast<IoClass>(i)))
      out +=
          fmt::format("\n### Latency of {}, µs\n\n{}", kClassNames[i], percentile_table(load, i));
  }
  out += host_tables(load);
  out += session_tables(load);
  out += fmt::format("\n### Throughput and cost\n\n{}", throughput_tables(load));
  if (const std::string counters = counters_table(load); !counters.empty())
    out += fmt::format("\n### Scheduler counters, all runs together\n\n{}", counters);
  return out;
}

std::string arms_section(const LoadReport& load) {
  std::string out = "\n## Arms\n\n";
  for (const ArmSummary& arm : load.arms) {
    std::string paths;
    for (const std::string& path : arm.hint_paths)
      paths += (paths.empty() ? "" : " ") + plain(path);
    const std::string settings = settings_text(settings_of(arm.arm));
    const std::string kernel = kernel_release(arm);
    out += bullet(fmt::format("{}: scheduler {}{}; hints by {}{}", arm.arm.name,
                              plain(arm.arm.scheduler),
                              settings.empty() ? "" : ", asked for " + settings,
                              paths.empty() ? std::string(kNotAvailable) : paths,
                              kernel.empty() ? "" : "; kernel " + plain(kernel)));
    if (!arm.tunables.empty()) out += bullet("found: " + settings_text(arm.tunables), 1);
  }
  return out;
}

std::string environment_section(const Report& report) {
  TextMap rows = report.environment;
  for (const char* key :
       {"kernel", "series", "config_sha256", "cmdline", "engine_sha256", "qemu", "tool"})
    rows.emplace(key, kNotAvailable);
  rows["fio"] = report.fio_version;
  rows["device"] = report.device_name;
  rows["device parameters"] = settings_text(report.device);
  for (const LoadReport& load : report.loads) {
    rows[fmt::format("load {}: job sha256", load.load.name)] = load.load.job_sha256;
    if (!load.load.workload.empty())
      rows[fmt::format("load {}: workload", load.load.name)] = settings_text(load.load.workload);
  }
  std::string out = "\n## Environment\n\n";
  for (const auto& [key, value] : rows)
    out += bullet(fmt::format("{}: {}", plain(key), plain(value)));
  return out;
}

std::string how_to_read() {
  return "\n## How to read it\n\n" +
         bullet(
             "The sample is the run: one figure per run, the median over runs, in brackets the "
             "95 % interval of the median (order statistics; needs 6 runs).") +
         bullet(
             "ratio is arm / base with a 95 % bootstrap interval; ↓ lower is better, ↑ higher is "
             "better.") +
         bullet(
             "p is two-sided Mann-Whitney, exact, Holm-adjusted over the rows of one table. "
             "\"improved\" and \"regressed\" need p ≤ 0.05 and a ratio outside the metric's "
             "margin; "
             "\"too few data\": even complete separation of so few runs would not pass, or a run "
             "lacks the figure.") +
         bullet(
             "A percentile with fewer than 10 / (1 − q) samples stays n/a: 1,000 for p99, 10,000 "
             "for p99.9, 100,000 for p99.99.") +
         bullet(
             "\"longest\" is the longest wait of any I/O in any run. \"used\" is the time the "
             "device's dies were busy. CPU per I/O is the machine's CPU time divided by all I/Os; "
             "fio's "
             "user and system time is that of its jobs. \"enter\" is io_uring_enter, as the engine "
             "counted it.") +
         bullet(
             "Of a session: the first token is the end of its first decode step, from its first "
             "I/O; a step is the decode reads of one token. Only the I/O's share. Fairness is "
             "Jain's "
             "index of the sessions' time per step: 1 when all wait the same.");
}

}  // namespace

std::string to_markdown(const Report& report) {
  const std::vector<Plot> plots = to_plots(report);
  std::string out = fmt::format("# {}\n\n", plain(report.title));
  out += wrap("**Question.** " + plain(report.question), 0, 0) + "\n\n";
  out += wrap("**Answer.** " + plain(report.answer), 0, 0) + "\n\n";
  out += fmt::format("**Validity: {}**\n", validity_text(overall(report.reasons)));
  if (!report.reasons.empty()) out += "\n";
  for (const std::string& line : reason_lines(report.reasons)) out += bullet(plain(line));
  out += rules_section(report);
  for (const LoadReport& load : report.loads) out += load_section(report, load, plots);
  out += cost_section(report, plots);
  out += how_to_read();
  out += "\n## What this does not show\n\n";
  for (const std::string& limit : report.limits) out += bullet(plain(limit));
  out += arms_section(report.loads.front());
  out += environment_section(report);
  out += "\n## Reproduce\n\n" + code_block(report.command);
  out += "\nEvery figure per run: metrics.csv. Everything here and more: report.json.\n";
  return out;
}

}  // namespace kairo::reports
