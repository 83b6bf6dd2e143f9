// SPDX-License-Identifier: GPL-2.0-only
// curves.csv, and report.gp, which draws the CSV files, for people who draw them their own way.
#include <algorithm>

#include "kairo/reports/report.h"

namespace kairo::reports {

std::string to_curves_csv(const Report& report) {
  std::string out = "load,arm,class,percent,ns\n";
  for (const LoadReport& load : report.loads) {
    for (const ArmSummary& arm : load.arms) {
      for (std::size_t i = 0; i < kClassCount; ++i) {
        if (!arm.classes[i]) continue;
        for (const CurvePoint& point : arm.classes[i]->curve)
          out += fmt::format("{},{},{},{:.9g},{:.9g}\n", load.load.name, arm.arm.name,
                             kClassNames[i], point.percent, point.ns);
      }
    }
  }
  return out;
}

namespace {

// One `plot` of `file`: a line per arm, of the rows whose first columns are load, arm and class.
// `x` and `y` are gnuplot expressions.
std::string plot_of(const LoadReport& load, const std::string& file, std::string_view io_class,
                    const std::string& output, const std::string& x, const std::string& y,
                    const std::vector<const ArmSummary*>& arms) {
  std::string lines;
  for (const ArmSummary* arm : arms) {
    // Names hold no quote and no blank: is_valid_name().
    const std::string mine =
        fmt::format("strcol(1) eq '{}' && strcol(2) eq '{}' && strcol(3) eq '{}'", load.load.name,
                    arm->arm.name, io_class);
    lines += fmt::format("{}  '{}' using ({} ? {} : NaN):({}) with lines lw 2 title '{}'",
                         lines.empty() ? "" : ", \\\n", file, mine, x, y, arm->arm.name);
  }
  return fmt::format("set output 'gnuplot-{}.svg'\nplot \\\n{}\n", output, lines);
}

constexpr std::string_view kHead =
    R"gp(# Draws the CSV files beside it: gnuplot report.gp
set datafile separator ','
set terminal svg size 760,420 background rgb 'white'
set grid
set key left top
)gp";

constexpr std::string_view kCurves = R"gp(
# x is -log10(1 - percentile / 100): 1 is p90, 2 is p99, 3 is p99.9.
set logscale y
set xlabel 'percentile'
set ylabel 'ms'
set xtics ('0' 0, '90' 1, '99' 2, '99.9' 3, '99.99' 4)
)gp";

constexpr std::string_view kWindows = R"gp(
unset xtics
set xtics auto
set xlabel 'seconds'
set ylabel 'p99, ms'
)gp";

constexpr std::string_view kSessions = R"gp(
# The share of sessions up to a time to first token.
unset logscale y
set logscale x
unset xtics
set xtics auto
set xlabel 'time to first token, ms'
set ylabel 'share of sessions'
)gp";

template <class Has>
std::vector<const ArmSummary*> arms_with(const LoadReport& load, Has has) {
  std::vector<const ArmSummary*> out;
  for (const ArmSummary& arm : load.arms)
    if (has(arm)) out.push_back(&arm);
  return out;
}

// In windows.csv, counted from 1.
constexpr std::size_t kFirstPercentile = 6;

using Draw = std::string(const LoadReport& load, std::size_t io_class);

std::string draw_curve(const LoadReport& load, std::size_t io_class) {
  const auto arms = arms_with(load, [&](const ArmSummary& arm) {
    return arm.classes[io_class] && !arm.classes[io_class]->curve.empty();
  });
  if (arms.empty()) return {};
  const std::string_view name = kClassNames[io_class];
  return fmt::format("set title 'Latency of {}, load {}'\n", name, load.load.name) +
         plot_of(load, "curves.csv", name, fmt::format("{}-{}", load.load.name, name),
                 "($4 < 100 ? -log10(1 - $4 / 100) : NaN)", "$5 / 1e6", arms);
}

std::string draw_windows(const LoadReport& load, std::size_t io_class) {
  constexpr std::size_t kP99 = place_of_percentile("p99");
  const auto arms = arms_with(load, [&](const ArmSummary& arm) {
    return std::any_of(arm.over_time[io_class].begin(), arm.over_time[io_class].end(),
                       [](const WindowFigures& window) { return window.percentiles[kP99]; });
  });
  if (arms.empty()) return {};
  const std::string_view name = kClassNames[io_class];
  return fmt::format("set title 'p99 of {} over time, load {}'\n", name, load.load.name) +
         plot_of(load, "windows.csv", name, fmt::format("{}-{}-time", load.load.name, name), "$4",
                 fmt::format("${} / 1e6", kFirstPercentile + kP99), arms);
}

// Every plot of a kind, with what they share in front; empty when there is none.
std::string draw_all(const Report& report, std::string_view settings, Draw draw) {
  std::string out;
  for (const LoadReport& load : report.loads)
    for (std::size_t i = 0; i < kClassCount; ++i) out += draw(load, i);
  return out.empty() ? out : std::string(settings) + out;
}

constexpr std::size_t kSessionCount = place_of(kRunFigures, "sessions");

std::string draw_sessions(const LoadReport& load) {
  const auto arms = arms_with(load, [](const ArmSummary& arm) {
    return arm.run_figures[kSessionCount].median.has_value();
  });
  if (arms.empty()) return {};
  std::string lines;
  for (const ArmSummary* arm : arms) {
    std::size_t count = 0;
    for (const auto& run : arm->sessions) count += run.size();
    lines += fmt::format(
        "{}  'sessions.csv' using (strcol(1) eq '{}' && strcol(2) eq '{}' ? $5 / 1e6 : NaN)"
        ":(1.0 / {}) smooth cumulative lw 2 title '{}'",
        lines.empty() ? "" : ", \\\n", load.load.name, arm->arm.name, count, arm->arm.name);
  }
  return fmt::format(
      "set output 'gnuplot-{0}-sessions.svg'\nset title 'Sessions, load {0}'\nplot \\\n{1}\n",
      load.load.name, lines);
}

}  // namespace

std::string to_gnuplot(const Report& report) {
  std::string out(kHead);
  out += draw_all(report, kCurves, draw_curve);
  out += draw_all(report, kWindows, draw_windows);
  std::string sessions;
  for (const LoadReport& load : report.loads) sessions += draw_sessions(load);
  if (!sessions.empty()) out += std::string(kSessions) + sessions;
  return out;
}

}  // namespace kairo::reports
