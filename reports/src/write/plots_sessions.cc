// SPDX-License-Identifier: GPL-2.0-only
#include "write/plots_sessions.h"

#include <algorithm>
#include <cmath>

#include "write/plot_frame.h"

namespace kairo::reports {
namespace {

constexpr double kRight = kWidth - 140;

// The sorted times of an arm's sessions in ns, all runs together.
using Sorted = std::vector<double>;

Sorted sorted_values(const ArmSummary& arm, bool ttft) {
  Sorted out;
  for (const auto& run : arm.sessions)
    for (const SessionFigures& session : run) {
      if (ttft)
        out.push_back(std::max(1.0, static_cast<double>(session.ttft_ns)));
      else if (session.steps_per_s)
        out.push_back(std::max(1.0, 1e9 / *session.steps_per_s));
    }
  std::sort(out.begin(), out.end());
  return out;
}

// A step per session, from the left edge of its share to the right one.
std::vector<Point> steps_of(const Sorted& values, const Axis& x, const Axis& y) {
  std::vector<Point> out;
  const auto share = 100 / static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double at = y.at(std::log10(values[i]));
    const Point end{x.at(share * static_cast<double>(i + 1)), at};
    // Several sessions on one pixel add nothing but bytes.
    const bool same = out.size() > 1 && std::abs(at - out.back().y) < 0.5;
    if (same) {
      out.back().x = end.x;
      continue;
    }
    out.push_back({x.at(share * static_cast<double>(i)), at});
    out.push_back(end);
  }
  return out;
}

std::optional<Plot> session_plot(const LoadReport& load, bool ttft) {
  std::vector<Sorted> arms;
  double smallest = 1e300;
  double largest = 0;
  for (const ArmSummary& arm : load.arms) {
    arms.push_back(sorted_values(arm, ttft));
    if (arms.back().size() < 2) continue;
    smallest = std::min(smallest, arms.back().front());
    largest = std::max(largest, arms.back().back());
  }
  if (largest <= 0) return std::nullopt;
  const std::string title =
      fmt::format("{} of every session, load {}, all runs together",
                  ttft ? "Time to first token" : "Time per step", load.load.name);
  Svg svg(kWidth, kHeight, title);
  svg.text({kLeft, 26}, title, Svg::Anchor::kStart, "h");
  const Axis y = latency_range(smallest, largest);
  latency_axis(svg, y, kRight);
  const Axis x = bottom_axis(svg, 100, kRight, "% of sessions, the quickest first");
  std::vector<EndLabel> labels;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (arms[i].size() < 2) continue;
    const std::vector<Point> line = steps_of(arms[i], x, y);
    svg.line(line, i);
    labels.push_back({line.back(), line.back().y, load.arms[i].arm.name, i});
  }
  place_labels(svg, std::move(labels), kRight + 12);
  return make_plot(load.load.name, PlotPlace::kLoad, ttft ? "sessions-ttft" : "sessions-step",
                   title, svg.finish());
}

}  // namespace

std::vector<Plot> session_plots(const LoadReport& load) {
  std::vector<Plot> out;
  for (const bool ttft : {true, false})
    if (auto plot = session_plot(load, ttft)) out.push_back(std::move(*plot));
  return out;
}

}  // namespace kairo::reports
