// SPDX-License-Identifier: GPL-2.0-only
// What every plot has: the frame, axes with ticks, names beside lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kairo/reports/report.h"
#include "write/svg.h"

namespace kairo::reports {

inline constexpr double kWidth = 760;
inline constexpr double kHeight = 420;
inline constexpr double kLeft = 70;
inline constexpr double kTop = 46;
inline constexpr double kBottom = kHeight - 52;

// A range of data mapped to pixels, both linear; callers transform to logarithms before.
struct Axis {
  double low;
  double high;
  double from;
  double to;

  [[nodiscard]] double at(double value) const {
    return from + (to - from) * (value - low) / (high - low);
  }
};

// A name of a line or dot that may be moved to keep clear of others.
struct EndLabel {
  Point at;
  double y;
  std::string text;
  std::size_t style;
};

// Writes the names in a column at `x`, each as near to its line's end as the others allow.
void place_labels(Svg& svg, std::vector<EndLabel> labels, double x);

// `10` where a table would print `10.0`.
std::string tick_text(double value);

// Ticks of a logarithmic latency axis (log10 of ns): decades, and 2 and 5 between them.
void latency_axis(Svg& svg, const Axis& axis, double right);

// The logarithmic range that holds the values, rounded out to 1, 2 or 5.
Axis latency_range(double smallest, double largest);

// 1, 2 or 5 times a power of ten: about five of them make `span`.
double nice_step(double span);

// A linear axis from 0 that holds `most`, along the bottom with its title or up the left side.
Axis bottom_axis(Svg& svg, double most, double right, std::string_view title);
Axis left_axis(Svg& svg, double most, double right, std::string_view unit);

// A plot of a load; `name` is what is drawn, "decode-latency".
Plot make_plot(const std::string& load, PlotPlace place, std::string_view name, std::string title,
               std::string svg);

}  // namespace kairo::reports
