// SPDX-License-Identifier: GPL-2.0-only
// A figure of an arm, found by the name of a metric.
#include "kairo/reports/report.h"

namespace kairo::reports {

Estimate metric_estimate(const ArmSummary& arm, const MetricName& name) {
  if (!name.io_class) return arm.run_figures[name.place];
  const auto& summary = arm.classes[static_cast<std::size_t>(*name.io_class)];
  if (!summary) return {};
  return name.is_percentile ? summary->percentiles[name.place].over_runs
                            : summary->figures[name.place];
}

ShownValue shown_value(const std::array<std::optional<ClassSummary>, kClassCount>& classes,
                       const MetricName& name) {
  if (!name.io_class) return {};
  const auto& summary = classes[static_cast<std::size_t>(*name.io_class)];
  if (!summary) return {};
  if (!name.is_percentile) return {summary->figures[name.place].median};
  const PercentileFigure& figure = summary->percentiles[name.place];
  return {figure.value, figure.source == PercentileSource::kPooled, figure.at_least};
}

ShownValue shown_value(const ArmSummary& arm, const MetricName& name) {
  if (name.io_class) return shown_value(arm.classes, name);
  return {arm.run_figures[name.place].median};
}

}  // namespace kairo::reports
