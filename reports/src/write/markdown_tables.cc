// SPDX-License-Identifier: GPL-2.0-only
#include "write/markdown_tables.h"

#include <algorithm>

#include "kairo/reports/format.h"
#include "write/markdown_parts.h"

namespace kairo::reports {

bool class_seen(const LoadReport& load, IoClass io_class) {
  return std::any_of(load.arms.begin(), load.arms.end(), [&](const ArmSummary& arm) {
    return arm.classes[static_cast<std::size_t>(io_class)].has_value();
  });
}

// Markdown of a table in which each column has one unit; the header names it.
std::string arms_table(const LoadReport& load, const std::vector<Column>& columns,
                       const Chooser& choose) {
  const auto shown_of = [&](const ArmSummary& arm, const MetricName& name) {
    return choose ? choose(arm, name) : shown_value(arm, name);
  };
  std::vector<std::string> header = {"arm"};
  std::vector<Scale> scales;
  for (const Column& column : columns) {
    double largest = 0;
    for (const ArmSummary& arm : load.arms) {
      largest = std::max(largest, shown_of(arm, column.name).value.value_or(0));
    }
    // A column without a value has no unit.
    scales.push_back(largest > 0 ? scale_for(largest, column.name.unit) : Scale{1, ""});
    header.push_back(column.title +
                     (scales.back().name.empty() ? "" : fmt::format(" {}", scales.back().name)));
  }
  Table table(header);
  for (const ArmSummary& arm : load.arms) {
    std::vector<std::string> row = {arm.arm.name};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const ShownValue shown = shown_of(arm, columns[i].name);
      row.push_back(shown_text(shown, scales[i].factor));
    }
    table.add(std::move(row));
  }
  return table.markdown();
}

namespace {

std::string run_table(const LoadReport& load,
                      const std::vector<std::pair<std::string_view, std::string>>& figures) {
  std::vector<Column> columns;
  for (const auto& [name, title] : figures) columns.push_back({title, metric_of(name)});
  return arms_table(load, columns);
}

}  // namespace

std::string throughput_tables(const LoadReport& load) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < kClassCount; ++i) {
    if (class_seen(load, static_cast<IoClass>(i)))
      columns.push_back(
          {std::string(kClassNames[i]), metric_of(fmt::format("{}.bytes_per_s", kClassNames[i]))});
  }
  return arms_table(load, columns) + "\n" +
         run_table(load, {{"utilisation", "device used"},
                          {"cpu_busy", "CPU busy"},
                          {"virtual_ns_per_io", "CPU per I/O"},
                          {"switches_per_io", "switches per I/O"}}) +
         "\n" +
         run_table(load, {{"user_ns_per_io", "fio user/IO"},
                          {"system_ns_per_io", "fio system/IO"},
                          {"enters_per_io", "enter/IO"},
                          {"bytes_per_enter", "bytes/enter"}});
}

std::string session_tables(const LoadReport& load) {
  const bool any = std::any_of(load.arms.begin(), load.arms.end(), [](const ArmSummary& arm) {
    return arm.run_figures[place_of(kRunFigures, "sessions")].median.has_value();
  });
  if (!any) return {};
  return "\n### Sessions\n\n" +
         run_table(load, {{"sessions", "sessions/run"},
                          {"ttft_p50_ns", "first token p50"},
                          {"ttft_p90_ns", "p90"},
                          {"ttft_max_ns", "longest"}}) +
         "\n" +
         run_table(load, {{"steps_p50_per_s", "steps/s p50"},
                          {"steps_p10_per_s", "p10"},
                          {"session_fairness", "fairness"}});
}

std::string host_tables(const LoadReport& load) {
  std::string out;
  for (std::size_t i = 0; i < kClassCount; ++i) {
    Table table({"host", "arm", "I/Os", "p50 µs", "p99 µs", "longest µs", "MB/s"}, {1});
    bool any = false;
    for (const ArmSummary& arm : load.arms)
      for (const auto& entry : arm.hosts) {
        const ClassSummaries& classes = entry.second;
        if (!classes[i]) continue;
        any = true;
        const auto shown = [&](const char* figure) {
          return shown_value(classes, metric_of(fmt::format("{}.{}", kClassNames[i], figure)));
        };
        table.add({entry.first, arm.arm.name, format_optional(shown("ios").value),
                   shown_text(shown("p50_ns"), 1e-3), shown_text(shown("p99_ns"), 1e-3),
                   format_optional(classes[i]->longest_ns, 1e-3),
                   format_optional(shown("bytes_per_s").value, 1e-6)});
      }
    if (any) out += fmt::format("\n### {} by host\n\n{}", kClassNames[i], table.markdown());
  }
  return out;
}

}  // namespace kairo::reports
