// SPDX-License-Identifier: GPL-2.0-only
// The plots of a load: latency by percentile, latency against what it costs, figures over time.
#include <algorithm>
#include <cmath>

#include "kairo/reports/format.h"
#include "kairo/reports/report.h"
#include "write/plot_frame.h"
#include "write/plots_runs.h"
#include "write/plots_sessions.h"
#include "write/plots_time.h"

namespace kairo::reports {
namespace {

// 0 at p0, 1 at p90, 2 at p99: the HdrHistogram axis.
double tail(double percent) {
  return -std::log10(1 - percent / 100);
}

std::optional<Plot> latency_plot(const LoadReport& load, std::size_t io_class) {
  double smallest = 1e300;
  double largest = 0;
  double deepest = 1;
  for (const ArmSummary& arm : load.arms) {
    if (!arm.classes[io_class]) continue;
    for (const CurvePoint& point : arm.classes[io_class]->curve) {
      smallest = std::min(smallest, std::max(1.0, point.ns));
      largest = std::max(largest, point.ns);
      deepest = std::max(deepest, tail(point.percent));
    }
  }
  if (largest <= 0) return std::nullopt;
  const double right = kWidth - 140;
  const Axis x{0, deepest, kLeft, right};
  const Axis y = latency_range(smallest, largest);
  const std::string title =
      fmt::format("Latency of {} by percentile, load {}", kClassNames[io_class], load.load.name);
  Svg svg(kWidth, kHeight, title);
  svg.text({kLeft, 26}, title, Svg::Anchor::kStart, "h");
  latency_axis(svg, y, right);
  for (const auto& [percent, name] :
       {std::pair{0.0, "0"}, std::pair{50.0, "50"}, std::pair{90.0, "90"}, std::pair{99.0, "99"},
        std::pair{99.9, "99.9"}, std::pair{99.99, "99.99"}, std::pair{99.999, "99.999"}}) {
    if (tail(percent) > deepest + 1e-9) continue;
    const double at = x.at(tail(percent));
    svg.grid_line({at, kTop}, {at, kBottom});
    svg.text({at, kBottom + 18}, name, Svg::Anchor::kMiddle, "q");
  }
  svg.axis_line({kLeft, kBottom}, {right, kBottom});
  svg.text({(kLeft + right) / 2, kHeight - 14}, "percentile of I/Os, all runs together",
           Svg::Anchor::kMiddle);
  std::vector<EndLabel> labels;
  for (std::size_t i = 0; i < load.arms.size(); ++i) {
    const auto& summary = load.arms[i].classes[io_class];
    if (!summary || summary->curve.empty()) continue;
    std::vector<Point> line;
    for (const CurvePoint& point : summary->curve) {
      const Point at{x.at(tail(point.percent)), y.at(std::log10(std::max(1.0, point.ns)))};
      // Several buckets on one pixel add nothing but bytes.
      if (line.empty() || at.x - line.back().x >= 0.5 || std::abs(at.y - line.back().y) >= 0.5)
        line.push_back(at);
    }
    svg.line(line, i);
    labels.push_back({line.back(), line.back().y, load.arms[i].arm.name, i});
  }
  place_labels(svg, std::move(labels), right + 12);
  return make_plot(load.load.name, PlotPlace::kLoad,
                   fmt::format("{}-latency", kClassNames[io_class]), title, svg.finish());
}

struct Box {
  double left;
  double top;
  double right;
  double bottom;

  [[nodiscard]] bool meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

// Writes each dot's name beside it: the first place around the dot that is free of other dots and
// names. With no place free it goes to the right, overlapping.
void label_dots(Svg& svg, const std::vector<EndLabel>& dots, const Box& plot) {
  std::vector<Box> taken;
  for (const EndLabel& dot : dots)
    taken.push_back({dot.at.x - 8, dot.at.y - 8, dot.at.x + 8, dot.at.y + 8});
  for (const EndLabel& dot : dots) {
    const double width = 7.6 * static_cast<double>(display_width(dot.text));
    Point best{dot.at.x + 12, dot.at.y};
    bool found = false;
    for (const double down : {0.0, -17.0, 17.0, -32.0, 32.0, -47.0, 47.0, -62.0, 62.0}) {
      for (const double side : {12.0, -12.0 - width, -width / 2}) {
        if (found || (down == 0 && side == -width / 2)) continue;
        const Point at{dot.at.x + side, dot.at.y + down};
        const Box box{at.x, at.y - 7, at.x + width, at.y + 7};
        const bool inside = box.left > plot.left && box.right < plot.right &&
                            box.top > plot.top - 10 && box.bottom < plot.bottom;
        if (!inside || std::any_of(taken.begin(), taken.end(),
                                   [&](const Box& other) { return other.meets(box); }))
          continue;
        best = at;
        found = true;
      }
    }
    taken.push_back({best.x, best.y - 7, best.x + width, best.y + 7});
    if (std::abs(best.y - dot.at.y) > 20)
      svg.leader(
          dot.at,
          {std::clamp(dot.at.x, best.x, best.x + width), best.y + (best.y < dot.at.y ? 6 : -7)},
          dot.style);
    svg.label({best.x, best.y + 4}, dot.text, dot.style);
  }
}

// What latency is traded for.
struct Cost {
  std::string name;
  std::string title;
  std::vector<const Estimate*> by_arm;
  Unit unit;
};

bool every_arm_has(const Cost& cost) {
  return std::all_of(cost.by_arm.begin(), cost.by_arm.end(), [](const Estimate* estimate) {
    return estimate != nullptr && estimate->median.has_value();
  });
}

constexpr std::size_t kRate = place_of(kClassFigures, "bytes_per_s");
constexpr std::size_t kUtilisation = place_of(kRunFigures, "utilisation");

// The throughput of the first background class that every arm has, and how busy the device was.
std::vector<Cost> costs_of(const LoadReport& load) {
  std::vector<Cost> out;
  for (const IoClass io_class : {IoClass::kPrefill, IoClass::kPrefetch, IoClass::kNormal}) {
    Cost cost{
        "throughput", fmt::format("{} MB/s", class_name(io_class)), {}, Unit::kBytesPerSecond};
    for (const ArmSummary& arm : load.arms) {
      const auto& summary = arm.classes[static_cast<std::size_t>(io_class)];
      cost.by_arm.push_back(summary ? &summary->figures[kRate] : nullptr);
    }
    if (!every_arm_has(cost)) continue;
    out.push_back(std::move(cost));
    break;
  }
  Cost used{"utilisation", "device used, %", {}, Unit::kFraction};
  for (const ArmSummary& arm : load.arms) used.by_arm.push_back(&arm.run_figures[kUtilisation]);
  if (every_arm_has(used)) out.push_back(std::move(used));
  return out;
}

// Down and to the right is better: the dots that no other dot beats in both, from left to right.
void draw_front(Svg& svg, std::vector<Point> dots) {
  std::stable_sort(dots.begin(), dots.end(),
                   [](const Point& a, const Point& b) { return a.x > b.x; });
  std::vector<Point> line;
  for (const Point& dot : dots) {
    // Pixels grow downwards.
    if (!line.empty() && dot.y <= line.back().y) continue;
    if (!line.empty()) line.push_back({line.back().x, dot.y});
    line.push_back(dot);
  }
  for (std::size_t i = 1; i < line.size(); ++i) svg.axis_line(line[i - 1], line[i]);
}

std::optional<Plot> pareto_plot(const LoadReport& load, const Cost& cost, std::size_t io_class,
                                std::size_t percentile) {
  const double factor = cost.unit == Unit::kFraction ? 100 : 1e-6;
  double smallest = 1e300;
  double largest = 0;
  double most = 0;
  for (std::size_t i = 0; i < load.arms.size(); ++i) {
    const auto& summary = load.arms[i].classes[io_class];
    if (!summary) continue;
    for (const double value : summary->percentiles[percentile].over_runs.values()) {
      smallest = std::min(smallest, value);
      largest = std::max(largest, value);
    }
    for (const double value : cost.by_arm[i]->values()) most = std::max(most, value * factor);
  }
  if (largest <= 0 || most <= 0) return std::nullopt;
  const double right = kWidth - 40;
  const Axis y = latency_range(std::max(1.0, smallest), largest);
  const std::string_view label = kPercentiles[percentile].label;
  const std::string title = fmt::format("{} {} against {}, load {}", kClassNames[io_class], label,
                                        cost.title, load.load.name);
  Svg svg(kWidth, kHeight, title);
  svg.text({kLeft, 26}, title, Svg::Anchor::kStart, "h");
  svg.text({right, 26}, "better: down and to the right ↘", Svg::Anchor::kEnd, "q");
  latency_axis(svg, y, right);
  const Axis x =
      bottom_axis(svg, cost.unit == Unit::kFraction ? std::min(100.0, most * 1.02) : most * 1.02,
                  right, cost.title + " (small: one run, large: median)");
  std::vector<EndLabel> labels;
  for (std::size_t i = 0; i < load.arms.size(); ++i) {
    const auto& summary = load.arms[i].classes[io_class];
    if (!summary) continue;
    const Estimate& latency = summary->percentiles[percentile].over_runs;
    const Estimate& spent = *cost.by_arm[i];
    if (!latency.complete() || !spent.complete()) continue;
    for (std::size_t run = 0; run < latency.runs.size(); ++run)
      svg.marker({x.at(*spent.runs[run] * factor), y.at(std::log10(*latency.runs[run]))}, i, 2.5,
                 true);
    const Point at{x.at(*spent.median * factor), y.at(std::log10(*latency.median))};
    svg.marker(at, i, 5.5);
    labels.push_back({at, at.y, load.arms[i].arm.name, i});
  }
  std::vector<Point> dots;
  for (const EndLabel& dot : labels) dots.push_back(dot.at);
  draw_front(svg, std::move(dots));
  label_dots(svg, labels, {kLeft, kTop, right, kBottom});
  return make_plot(load.load.name, PlotPlace::kLoad,
                   fmt::format("{}-{}", kClassNames[io_class], cost.name), title, svg.finish());
}

}  // namespace

std::vector<Plot> to_plots(const Report& report) {
  const MetricName primary = metric_of(report.metrics.front().name);
  const auto io_class = static_cast<std::size_t>(primary.io_class.value_or(IoClass::kDecode));
  const std::size_t percentile = primary.is_percentile ? primary.place : place_of_percentile("p99");
  std::vector<Plot> out;
  for (const LoadReport& load : report.loads) {
    if (auto plot = latency_plot(load, io_class)) out.push_back(std::move(*plot));
    for (const Cost& cost : costs_of(load)) {
      if (auto plot = pareto_plot(load, cost, io_class, percentile))
        out.push_back(std::move(*plot));
    }
    if (auto plot = runs_plot(load, report.metrics.front())) out.push_back(std::move(*plot));
    for (Plot& plot : session_plots(load)) out.push_back(std::move(plot));
    for (Plot& plot : time_plots(load, io_class, percentile)) out.push_back(std::move(plot));
  }
  for (const CostProfile& profile : report.cost) {
    // It was read before, so it parses.
    const auto stacks = parse_folded(profile.folded, profile.arm);
    const std::string title =
        fmt::format("Where {} spends its time, load {}", profile.arm, profile.load);
    std::string svg = stacks ? flame_svg(*stacks, title) : std::string();
    if (!svg.empty())
      out.push_back(
          make_plot(profile.load, PlotPlace::kCost, profile.arm + "-flame", title, std::move(svg)));
  }
  return out;
}

}  // namespace kairo::reports
