// SPDX-License-Identifier: GPL-2.0-only
// A figure of an arm, found by the name of a metric.
#include "kairo/reports/report.h"

namespace kairo::reports {

Estimate metric_estimate(const ArmSummary& arm, const MetricName& name) {
  if (!name.io_class) {
    if (name.figure == "utilisation") return arm.utilisation;
    if (name.figure == "switches_per_io") return arm.switches_per_io;
    return name.figure == "cpu_busy" ? arm.cpu_busy : arm.virtual_ns_per_io;
  }
  const auto& summary = arm.classes[static_cast<std::size_t>(*name.io_class)];
  if (!summary) return {};
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    if (kPercentiles[i].key == name.figure) return summary->percentiles[i].over_runs;
  }
  if (name.figure == "ios") return summary->ios;
  if (name.figure == "bytes_per_s") return summary->bytes_per_s;
  return name.figure == "max_ns" ? summary->max_ns : summary->mean_ns;
}

ShownValue shown_value(const std::array<std::optional<ClassSummary>, kClassCount>& classes,
                       const MetricName& name) {
  if (!name.io_class) return {};
  const auto& summary = classes[static_cast<std::size_t>(*name.io_class)];
  if (!summary) return {};
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    if (kPercentiles[i].key == name.figure)
      return {summary->percentiles[i].value,
              summary->percentiles[i].source == PercentileSource::kPooled};
  }
  if (name.figure == "bytes_per_s") return {summary->bytes_per_s.median};
  if (name.figure == "ios") return {summary->ios.median};
  return {name.figure == "max_ns" ? summary->max_ns.median : summary->mean_ns.median};
}

ShownValue shown_value(const ArmSummary& arm, const MetricName& name) {
  if (name.io_class) return shown_value(arm.classes, name);
  return {metric_estimate(arm, name).median};
}

}  // namespace kairo::reports
