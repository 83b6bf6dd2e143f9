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

// A figure of a run or of a class of it, with its name in files and in text.
struct FigureName {
  std::string_view name;
  Unit unit;
  std::string_view title;
};

inline constexpr std::array<FigureName, 16> kRunFigures = {
    {{"utilisation", Unit::kFraction, "utilisation"},
     {"write_amplification", Unit::kCount, "write amplification"},
     {"virtual_ns_per_io", Unit::kNanoseconds, "CPU per I/O"},
     {"cpu_busy", Unit::kFraction, "guest CPU busy"},
     {"switches_per_io", Unit::kCount, "switches per I/O"},
     {"user_ns_per_io", Unit::kNanoseconds, "fio user CPU per I/O"},
     {"system_ns_per_io", Unit::kNanoseconds, "fio system CPU per I/O"},
     {"enters_per_io", Unit::kCount, "io_uring_enter per I/O"},
     {"bytes_per_enter", Unit::kCount, "bytes per io_uring_enter"},
     {"sessions", Unit::kCount, "sessions"},
     {"ttft_p50_ns", Unit::kNanoseconds, "first token p50"},
     {"ttft_p90_ns", Unit::kNanoseconds, "first token p90"},
     {"ttft_max_ns", Unit::kNanoseconds, "first token longest"},
     {"steps_p10_per_s", Unit::kCount, "steps/s p10"},
     {"steps_p50_per_s", Unit::kCount, "steps/s p50"},
     {"session_fairness", Unit::kCount, "session fairness"}}};

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
