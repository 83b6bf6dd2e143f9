// SPDX-License-Identifier: GPL-2.0-only
#include "write/plot_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kairo/reports/format.h"

namespace kairo::reports {
namespace {

constexpr double kLineHeight = 15;

}  // namespace

void place_labels(Svg& svg, std::vector<EndLabel> labels, double x) {
  std::stable_sort(labels.begin(), labels.end(),
                   [](const EndLabel& a, const EndLabel& b) { return a.y < b.y; });
  for (std::size_t i = 1; i < labels.size(); ++i)
    labels[i].y = std::max(labels[i].y, labels[i - 1].y + kLineHeight);
  // A stack that runs out of the plot moves up as a whole.
  double limit = kBottom;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->y = std::min(label->y, limit);
    limit = label->y - kLineHeight;
  }
  for (const EndLabel& label : labels) {
    svg.leader(label.at, {x - 3, label.y}, label.style);
    svg.label({x, label.y + 4}, label.text, label.style);
  }
}

std::string tick_text(double value) {
  std::string text = format_number(value);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

namespace {

std::string latency_tick(double ns) {
  const Scale scale = scale_for(ns, Unit::kNanoseconds);
  return fmt::format("{} {}", tick_text(ns * scale.factor), scale.name);
}

}  // namespace

void latency_axis(Svg& svg, const Axis& axis, double right) {
  const bool wide = axis.high - axis.low > 3;
  for (int decade = static_cast<int>(std::floor(axis.low));
       decade <= static_cast<int>(std::ceil(axis.high)); ++decade) {
    for (const int step : {1, 2, 5}) {
      const double value = std::log10(step) + decade;
      if (value < axis.low - 1e-9 || value > axis.high + 1e-9) continue;
      const double y = axis.at(value);
      svg.grid_line({kLeft, y}, {right, y});
      if (step == 1 || !wide)
        svg.text({kLeft - 8, y + 4}, latency_tick(std::pow(10.0, decade) * step), Svg::Anchor::kEnd,
                 "q");
    }
  }
}

Axis latency_range(double smallest, double largest) {
  const auto round_to_step = [](double value, bool up) {
    const double decade = std::floor(std::log10(value));
    const double digit = value / std::pow(10.0, decade);
    double step = up ? 10 : 1;
    for (const double candidate : {1.0, 2.0, 5.0, 10.0}) {
      if (up && candidate >= digit - 1e-9) {
        step = candidate;
        break;
      }
      if (!up && candidate <= digit + 1e-9) step = candidate;
    }
    return decade + std::log10(step);
  };
  Axis axis{round_to_step(smallest, false), round_to_step(largest, true), kBottom, kTop};
  if (axis.high - axis.low < 0.3) axis.high = axis.low + 0.3;
  return axis;
}

double nice_step(double span) {
  const double raw = span / 5;
  const double decade = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * decade >= raw) return step * decade;
  }
  return 10 * decade;
}

namespace {

// From 0 to a round number that is at least `most`, in steps that draw(value, place) marks.
template <class Draw>
Axis axis_of(double most, double from, double to, const Draw& draw) {
  const double step = nice_step(most);
  const Axis axis{0, step * std::ceil(most / step - 1e-9), from, to};
  for (int tick = 0; step * tick <= axis.high + step / 1000; ++tick)
    draw(step * tick, axis.at(step * tick));
  return axis;
}

}  // namespace

Axis bottom_axis(Svg& svg, double most, double right, std::string_view title) {
  const Axis axis = axis_of(most, kLeft, right, [&](double value, double at) {
    svg.grid_line({at, kTop}, {at, kBottom});
    svg.text({at, kBottom + 18}, tick_text(value), Svg::Anchor::kMiddle, "q");
  });
  svg.axis_line({kLeft, kBottom}, {right, kBottom});
  svg.text({(kLeft + right) / 2, kHeight - 14}, title, Svg::Anchor::kMiddle);
  return axis;
}

Axis left_axis(Svg& svg, double most, double right, std::string_view unit) {
  const Axis axis = axis_of(most, kBottom, kTop, [&](double value, double at) {
    svg.grid_line({kLeft, at}, {right, at});
    svg.text({kLeft - 8, at + 4}, tick_text(value), Svg::Anchor::kEnd, "q");
  });
  svg.text({kLeft - 8, kTop - 10}, unit, Svg::Anchor::kEnd, "q");
  return axis;
}

Plot make_plot(const std::string& load, PlotPlace place, std::string_view name, std::string title,
               std::string svg) {
  return {load, place, fmt::format("plots/{}-{}.svg", load, name), std::move(title),
          std::move(svg)};
}

}  // namespace kairo::reports
