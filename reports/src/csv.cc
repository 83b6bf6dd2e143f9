// SPDX-License-Identifier: GPL-2.0-only
// metrics.csv: one line per run and figure, for any spreadsheet or plotter.
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
      csv.add(load, arm, "", "utilisation", arm.utilisation);
      csv.add(load, arm, "", "virtual_ns_per_io", arm.virtual_ns_per_io);
      csv.add(load, arm, "", "cpu_busy", arm.cpu_busy);
      csv.add(load, arm, "", "switches_per_io", arm.switches_per_io);
      for (std::size_t i = 0; i < kClassCount; ++i) {
        if (!arm.classes[i]) continue;
        const ClassSummary& summary = *arm.classes[i];
        for (std::size_t p = 0; p < kPercentiles.size(); ++p)
          csv.add(load, arm, kClassNames[i], kPercentiles[p].key, summary.percentiles[p].over_runs);
        csv.add(load, arm, kClassNames[i], "max_ns", summary.max_ns);
        csv.add(load, arm, kClassNames[i], "mean_ns", summary.mean_ns);
        csv.add(load, arm, kClassNames[i], "ios", summary.ios);
        csv.add(load, arm, kClassNames[i], "bytes_per_s", summary.bytes_per_s);
      }
    }
  }
  return csv.take();
}

}  // namespace kairo::reports
