// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/metric.h"

#include <fmt/format.h>

#include "kairo/reports/result_folder.h"

namespace kairo::reports {
namespace {

constexpr std::array<FigureName, 5> kClassFigures = {
    {{"max_ns", Unit::kNanoseconds, "longest"},
     {"mean_ns", Unit::kNanoseconds, "mean"},
     {"ios", Unit::kCount, "I/Os"},
     {"missed", Unit::kFraction, "deadlines missed"},
     {"bytes_per_s", Unit::kBytesPerSecond, "rate"}}};

}  // namespace

std::optional<MetricName> parse_metric_name(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) {
    for (const FigureName& figure : kRunFigures) {
      if (figure.name == name) return MetricName{std::nullopt, std::string(name), figure.unit};
    }
    return std::nullopt;
  }
  const auto io_class = parse_class(name.substr(0, dot));
  const std::string_view rest = name.substr(dot + 1);
  if (!io_class) return std::nullopt;
  for (const Percentile& percentile : kPercentiles) {
    if (percentile.key == rest) return MetricName{io_class, std::string(rest), Unit::kNanoseconds};
  }
  for (const FigureName& figure : kClassFigures) {
    if (figure.name == rest) return MetricName{io_class, std::string(rest), figure.unit};
  }
  return std::nullopt;
}

std::string metric_title(std::string_view name) {
  const auto parsed = parse_metric_name(name);
  if (!parsed) return std::string(name);
  for (const FigureName& figure : kRunFigures) {
    if (!parsed->io_class && figure.name == parsed->figure) return std::string(figure.title);
  }
  const std::string_view class_text = class_name(*parsed->io_class);
  for (const Percentile& percentile : kPercentiles) {
    if (percentile.key == parsed->figure) return fmt::format("{} {}", class_text, percentile.label);
  }
  for (const FigureName& figure : kClassFigures) {
    if (figure.name == parsed->figure) return fmt::format("{} {}", class_text, figure.title);
  }
  return std::string(name);
}

std::vector<Metric> default_metrics() {
  return {{"decode.p99_ns", Better::kLower, 0.02},
          {"decode.p50_ns", Better::kLower, 0.02},
          {"prefetch.p99_ns", Better::kLower, 0.02},
          {"prefetch.bytes_per_s", Better::kHigher, 0.02},
          {"prefill.bytes_per_s", Better::kHigher, 0.02},
          {"utilisation", Better::kHigher, 0.02},
          {"virtual_ns_per_io", Better::kLower, 0.02}};
}

}  // namespace kairo::reports
