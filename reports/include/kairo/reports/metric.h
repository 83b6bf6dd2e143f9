// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "kairo/reports/io_class.h"

namespace kairo::reports {

// The percentiles a report shows, with the names they have in files and in text.
struct Percentile {
  double percent;
  std::string_view key;    // in JSON and in metric names
  std::string_view label;  // for people
};

inline constexpr std::array<Percentile, 6> kPercentiles = {{{50.0, "p50_ns", "p50"},
                                                            {90.0, "p90_ns", "p90"},
                                                            {95.0, "p95_ns", "p95"},
                                                            {99.0, "p99_ns", "p99"},
                                                            {99.9, "p999_ns", "p99.9"},
                                                            {99.99, "p9999_ns", "p99.99"}}};

// What a metric's number counts: decides how it is printed.
enum class Unit { kNanoseconds, kBytesPerSecond, kCount, kFraction };

// A metric name taken apart. `io_class` is absent for figures of the whole run.
struct MetricName {
  std::optional<IoClass> io_class;
  std::string figure;
  Unit unit;
};

// nullopt for a name that is none (the list is at `struct Metric`).
std::optional<MetricName> parse_metric_name(std::string_view name);

inline bool is_metric_name(std::string_view name) {
  return parse_metric_name(name).has_value();
}

// `decode.p999_ns` -> `decode p99.9`; `prefill.bytes_per_s` -> `prefill throughput`.
std::string metric_title(std::string_view name);

}  // namespace kairo::reports
