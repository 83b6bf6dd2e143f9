// SPDX-License-Identifier: GPL-2.0-only
#include "write/plots_runs.h"

#include <algorithm>
#include <cmath>

#include "kairo/reports/format.h"
#include "write/plot_frame.h"

namespace kairo::reports {
namespace {

struct Dot {
  unsigned order;
  double value;
};

std::vector<Dot> dots_of(const ArmSummary& arm, const MetricName& name) {
  std::vector<Dot> out;
  const Estimate figures = metric_estimate(arm, name);
  for (std::size_t i = 0; i < figures.runs.size() && i < arm.runs.size(); ++i)
    if (figures.runs[i]) out.push_back({arm.runs[i].order, *figures.runs[i]});
  return out;
}

}  // namespace

std::optional<Plot> runs_plot(const LoadReport& load, const Metric& metric) {
  const MetricName name = metric_of(metric.name);
  if (name.unit != Unit::kNanoseconds || !name.io_class) return std::nullopt;
  double smallest = 1e300;
  double largest = 0;
  unsigned last = 0;
  std::size_t count = 0;
  for (const ArmSummary& arm : load.arms) {
    for (const Dot& dot : dots_of(arm, name)) {
      smallest = std::min(smallest, std::max(1.0, dot.value));
      largest = std::max(largest, dot.value);
      last = std::max(last, dot.order);
      ++count;
    }
  }
  if (count < 2 || largest <= 0) return std::nullopt;
  const std::string title = fmt::format("{} of every run in the order of the runs, load {}",
                                        metric_title(metric.name), load.load.name);
  const double right = kWidth - 140;
  Svg svg(kWidth, kHeight, title);
  svg.text({kLeft, 26}, title, Svg::Anchor::kStart, "h");
  const Axis y = latency_range(smallest, largest);
  latency_axis(svg, y, right);
  const Axis x = bottom_axis(svg, last, right, "position of the run in the campaign");
  std::vector<EndLabel> labels;
  for (std::size_t i = 0; i < load.arms.size(); ++i) {
    std::vector<Dot> dots = dots_of(load.arms[i], name);
    if (dots.empty()) continue;
    std::stable_sort(dots.begin(), dots.end(),
                     [](const Dot& a, const Dot& b) { return a.order < b.order; });
    Point at{};
    for (const Dot& dot : dots) {
      at = {x.at(dot.order), y.at(std::log10(std::max(1.0, dot.value)))};
      svg.marker(at, i, 4);
    }
    labels.push_back({at, at.y, load.arms[i].arm.name, i});
  }
  place_labels(svg, std::move(labels), right + 12);
  return make_plot(load.load.name, PlotPlace::kLoad,
                   fmt::format("{}-runs", class_name(*name.io_class)), title, svg.finish());
}

}  // namespace kairo::reports
