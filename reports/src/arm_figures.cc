// SPDX-License-Identifier: GPL-2.0-only
// A figure of an arm, found by the name of a metric.
#include "kairo/reports/report.h"

namespace kairo::reports {

const Estimate& ArmSummary::of_run(std::string_view figure) const {
  std::size_t at = 0;
  while (at + 1 < kRunFigures.size() && kRunFigures[at].name != figure) ++at;
  return run_figures[at];
}

namespace {

// Any figure of a class but the percentiles.
const Estimate& class_estimate(const ClassSummary& summary, std::string_view figure) {
  if (figure == "ios") return summary.ios;
  if (figure == "bytes_per_s") return summary.bytes_per_s;
  if (figure == "missed") return summary.missed;
  return figure == "max_ns" ? summary.max_ns : summary.mean_ns;
}

}  // namespace

Estimate metric_estimate(const ArmSummary& arm, const MetricName& name) {
  if (!name.io_class) return arm.of_run(name.figure);
  const auto& summary = arm.classes[static_cast<std::size_t>(*name.io_class)];
  if (!summary) return {};
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    if (kPercentiles[i].key == name.figure) return summary->percentiles[i].over_runs;
  }
  return class_estimate(*summary, name.figure);
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
  return {class_estimate(*summary, name.figure).median};
}

ShownValue shown_value(const ArmSummary& arm, const MetricName& name) {
  if (name.io_class) return shown_value(arm.classes, name);
  return {metric_estimate(arm, name).median};
}

}  // namespace kairo::reports
