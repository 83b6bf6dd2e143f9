// SPDX-License-Identifier: GPL-2.0-only
// metrics.csv: one line per run and figure; windows.csv and sessions.csv: what the plots over time
// and of sessions show. For any spreadsheet or plotter.
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

class CsvWriter {
 public:
  std::string take() { return std::move(out_); }

  void add(const LoadReport& load, const ArmSummary& arm, std::string_view io_class,
           std::string_view figure, const Estimate& estimate) {
    // Names hold no comma or quote: is_valid_name().
    for (std::size_t i = 0; i < estimate.runs.size() && i < arm.runs.size(); ++i) {
      const RunRecord& run = arm.runs[i];
      const auto& value = estimate.runs[i];
      out_ += fmt::format("{},{},{},{},{},{},{},{}\n", load.load.name, arm.arm.name, run.repeat,
                          run.order, run.seed, io_class, figure,
                          value ? fmt::format("{:.9g}", *value) : std::string());
    }
  }

 private:
  std::string out_ = "load,arm,repeat,order,seed,class,figure,value\n";
};

}  // namespace

std::string to_csv(const Report& report) {
  CsvWriter csv;
  for (const LoadReport& load : report.loads) {
    for (const ArmSummary& arm : load.arms) {
      for (std::size_t i = 0; i < kRunFigures.size(); ++i)
        csv.add(load, arm, "", kRunFigures[i].key, arm.run_figures[i]);
      for (std::size_t i = 0; i < kClassCount; ++i) {
        if (!arm.classes[i]) continue;
        const ClassSummary& summary = *arm.classes[i];
        for (std::size_t p = 0; p < kPercentiles.size(); ++p)
          csv.add(load, arm, kClassNames[i], kPercentiles[p].key, summary.percentiles[p].over_runs);
        for (std::size_t f = 0; f < kClassFigures.size(); ++f)
          csv.add(load, arm, kClassNames[i], kClassFigures[f].key, summary.figures[f]);
      }
    }
  }
  return csv.take();
}

std::string to_sessions_csv(const Report& report) {
  std::string out = "load,arm,repeat,session,ttft_ns,steps,steps_per_s\n";
  for (const LoadReport& load : report.loads)
    for (const ArmSummary& arm : load.arms)
      for (std::size_t i = 0; i < arm.sessions.size(); ++i)
        for (const SessionFigures& session : arm.sessions[i])
          out += fmt::format(
              "{},{},{},{},{},{},{}\n", load.load.name, arm.arm.name, arm.runs[i].repeat,
              session.session, session.ttft_ns, session.steps,
              session.steps_per_s ? fmt::format("{:.9g}", *session.steps_per_s) : std::string());
  return out;
}

std::string to_windows_csv(const Report& report) {
  std::string out = "load,arm,class,from_s,ios";
  for (const Percentile& percentile : kPercentiles) out += fmt::format(",{}", percentile.key);
  out += ",bytes_per_s\n";
  const auto cell = [](const std::optional<double>& value) {
    return value ? fmt::format(",{:.9g}", *value) : std::string(",");
  };
  for (const LoadReport& load : report.loads)
    for (const ArmSummary& arm : load.arms)
      for (std::size_t i = 0; i < kClassCount; ++i)
        for (const WindowFigures& window : arm.over_time[i]) {
          out += fmt::format("{},{},{},{:.9g},{}", load.load.name, arm.arm.name, kClassNames[i],
                             window.from_s, window.ios);
          for (const auto& value : window.percentiles) out += cell(value);
          out += cell(window.bytes_per_s) + "\n";
        }
  return out;
}

}  // namespace kairo::reports
