// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/metric.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "kairo/reports/result_folder.h"

namespace kairo::reports {
namespace {

template <class Table>
std::optional<std::size_t> find(const Table& table, std::string_view key) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].key == key) return i;
  return std::nullopt;
}

}  // namespace

std::optional<MetricName> parse_metric_name(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) {
    const auto place = find(kRunFigures, name);
    if (!place) return std::nullopt;
    return MetricName{std::nullopt, false, *place, kRunFigures[*place].unit};
  }
  const auto io_class = parse_class(name.substr(0, dot));
  const std::string_view key = name.substr(dot + 1);
  if (!io_class) return std::nullopt;
  if (const auto place = find(kPercentiles, key))
    return MetricName{io_class, true, *place, Unit::kNanoseconds};
  if (const auto place = find(kClassFigures, key))
    return MetricName{io_class, false, *place, kClassFigures[*place].unit};
  return std::nullopt;
}

MetricName metric_of(std::string_view name) {
  if (const auto parsed = parse_metric_name(name)) return *parsed;
  fmt::print(stderr, "kairo: '{}' is no figure of a report: a fault of this program\n", name);
  std::abort();
}

std::string metric_title(std::string_view name) {
  const auto parsed = parse_metric_name(name);
  if (!parsed) return std::string(name);
  if (!parsed->io_class) return std::string(kRunFigures[parsed->place].title);
  return fmt::format("{} {}", class_name(*parsed->io_class),
                     parsed->is_percentile ? kPercentiles[parsed->place].label
                                           : kClassFigures[parsed->place].title);
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
