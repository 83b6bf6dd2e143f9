// SPDX-License-Identifier: GPL-2.0-only
#include "write/plots_time.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "kairo/reports/format.h"
#include "write/plot_frame.h"

namespace kairo::reports {
namespace {

constexpr double kRight = kWidth - 170;  // series of debugfs files have long names
// More lines than this in one plot cannot be told apart.
constexpr std::size_t kMaxLines = kSeriesStyles;

// A line of values over time; a gap where there is none.
struct Line {
  std::string name;
  std::size_t style;
  std::vector<std::pair<double, std::optional<double>>> points;
};

double end_of(const std::vector<Line>& lines, const std::vector<Phase>& phases) {
  double end = 0;
  for (const Phase& phase : phases) end = std::max(end, phase.to_s);
  for (const Line& line : lines)
    for (const auto& [at, value] : line.points) end = std::max(end, at);
  return end;
}

void draw_phases(Svg& svg, const std::vector<Phase>& phases, const Axis& x) {
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const double from = std::min(x.at(phases[i].from_s), x.to);
    const double to = std::min(x.at(phases[i].to_s), x.to);
    if (i % 2 == 1) svg.band({from, kTop}, {to, kBottom});
    svg.text({(from + to) / 2, kTop - 6}, phases[i].name, Svg::Anchor::kMiddle, "q");
  }
}

void draw_lines(Svg& svg, const std::vector<Line>& lines, const Axis& x,
                const std::function<double(double)>& y) {
  std::vector<EndLabel> labels;
  for (const Line& line : lines) {
    std::vector<Point> stretch;
    std::optional<Point> last;
    for (const auto& [at, value] : line.points) {
      if (value) {
        stretch.push_back({x.at(at), y(*value)});
        last = stretch.back();
        continue;
      }
      svg.line(stretch, line.style);
      stretch.clear();
    }
    svg.line(stretch, line.style);
    if (last) labels.push_back({*last, last->y, line.name, line.style});
  }
  place_labels(svg, std::move(labels), kRight + 12);
}

Plot finish(Svg& svg, const LoadReport& load, const std::string& name, const std::string& title) {
  return make_plot(load.load.name, PlotPlace::kLoad, fmt::format("{}-time", name), title,
                   svg.finish());
}

// The deepest percentile, up to `deepest`, that three quarters of the windows with I/Os support in
// every arm.
std::optional<std::size_t> supported(const LoadReport& load, std::size_t io_class,
                                     std::size_t deepest) {
  for (std::size_t p = deepest + 1; p-- > 0;) {
    const bool good = std::all_of(load.arms.begin(), load.arms.end(), [&](const ArmSummary& arm) {
      std::size_t with = 0;
      std::size_t busy = 0;
      for (const WindowFigures& window : arm.over_time[io_class]) {
        busy += window.ios != 0;
        with += window.percentiles[p].has_value();
      }
      return busy != 0 && 4 * with >= 3 * busy;
    });
    if (good) return p;
  }
  return std::nullopt;
}

std::optional<Plot> latency_over_time(const LoadReport& load, std::size_t io_class,
                                      std::size_t percentile) {
  const auto chosen = supported(load, io_class, percentile);
  if (!chosen) return std::nullopt;
  const double width = *load.load.window_ms / 1000.0;
  std::vector<Line> lines;
  double smallest = 1e300;
  double largest = 0;
  for (std::size_t i = 0; i < load.arms.size(); ++i) {
    Line line{load.arms[i].arm.name, i, {}};
    for (const WindowFigures& window : load.arms[i].over_time[io_class]) {
      const auto& value = window.percentiles[*chosen];
      line.points.emplace_back(window.from_s + width / 2, value);
      if (!value) continue;
      smallest = std::min(smallest, std::max(1.0, *value));
      largest = std::max(largest, *value);
    }
    lines.push_back(std::move(line));
  }
  if (largest <= 0) return std::nullopt;
  const std::string title =
      fmt::format("{} {} over time, load {}, all runs together", kClassNames[io_class],
                  kPercentiles[*chosen].label, load.load.name);
  Svg svg(kWidth, kHeight, title);
  svg.text({kLeft, 26}, title, Svg::Anchor::kStart, "h");
  const Axis y = latency_range(smallest, largest);
  latency_axis(svg, y, kRight);
  const Axis x = bottom_axis(svg, end_of(lines, load.load.phases), kRight,
                             fmt::format("seconds; windows of {} ms", *load.load.window_ms));
  draw_phases(svg, load.load.phases, x);
  draw_lines(svg, lines, x, [&](double ns) { return y.at(std::log10(std::max(1.0, ns))); });
  return finish(svg, load, std::string(kClassNames[io_class]) + "-latency", title);
}

std::optional<Plot> linear_plot(const LoadReport& load, const std::vector<Line>& lines,
                                const std::string& name, const std::string& title,
                                const std::string& unit) {
  double most = 0;
  for (const Line& line : lines)
    for (const auto& [at, value] : line.points) most = std::max(most, value.value_or(0));
  if (most <= 0) return std::nullopt;
  Svg svg(kWidth, kHeight, title);
  svg.text({kLeft, 26}, title, Svg::Anchor::kStart, "h");
  const Axis y = left_axis(svg, most, kRight, unit);
  const Axis x = bottom_axis(svg, end_of(lines, load.load.phases), kRight, "seconds");
  draw_phases(svg, load.load.phases, x);
  draw_lines(svg, lines, x, [&](double value) { return y.at(std::max(0.0, value)); });
  return finish(svg, load, name, title);
}

std::optional<Plot> rate_over_time(const LoadReport& load, std::size_t io_class) {
  const double width = *load.load.window_ms / 1000.0;
  std::vector<Line> lines;
  for (std::size_t i = 0; i < load.arms.size(); ++i) {
    Line line{load.arms[i].arm.name, i, {}};
    for (const WindowFigures& window : load.arms[i].over_time[io_class]) {
      const auto& rate = window.bytes_per_s;
      line.points.emplace_back(window.from_s + width / 2,
                               rate ? std::optional(*rate * 1e-6) : std::nullopt);
    }
    lines.push_back(std::move(line));
  }
  return linear_plot(load, lines, std::string(kClassNames[io_class]) + "-rate",
                     fmt::format("Rate of {} over time, load {}, mean of the runs",
                                 kClassNames[io_class], load.load.name),
                     "MB/s");
}

// The series of a file in the order of their largest value, so that what moves is drawn.
std::vector<Line> lines_of(const SampledFile& file) {
  std::vector<std::pair<double, Line>> ranked;
  for (const auto& [name, column] : file.series) {
    Line line{name, 0, {}};
    double most = 0;
    for (std::size_t i = 0; i < column.size() && i < file.at_s.size(); ++i) {
      if (file.at_s[i] < 0) continue;
      line.points.emplace_back(file.at_s[i], column[i]);
      most = std::max(most, column[i].value_or(0));
    }
    if (most > 0) ranked.emplace_back(most, std::move(line));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (ranked.size() > kMaxLines) ranked.resize(kMaxLines);
  std::vector<Line> out;
  for (auto& [most, line] : ranked) {
    line.style = out.size();
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace

std::vector<Plot> time_plots(const LoadReport& load, std::size_t io_class, std::size_t percentile) {
  std::vector<Plot> out;
  const auto keep = [&](std::optional<Plot> plot) {
    if (plot) out.push_back(std::move(*plot));
  };
  if (load.load.window_ms) {
    keep(latency_over_time(load, io_class, percentile));
    for (std::size_t i = 0; i < kClassCount; ++i) keep(rate_over_time(load, i));
  }
  for (const ArmSummary& arm : load.arms) {
    for (const auto& [file, sampled] : arm.samples) {
      std::string name = fmt::format("{}-{}", arm.arm.name, file);
      std::replace(name.begin(), name.end(), '/', '-');
      keep(linear_plot(load, lines_of(sampled), name,
                       fmt::format("{} under {} over time, load {}, one run", file, arm.arm.name,
                                   load.load.name),
                       ""));
    }
  }
  return out;
}

}  // namespace kairo::reports
