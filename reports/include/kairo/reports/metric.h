// SPDX-License-Identifier: GPL-2.0-only
// The figures of a report: two tables, of a class and of a whole run. What lists figures (files,
// names of metrics, summaries) loops over them, and a name that is in neither is no figure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kairo/reports/io_class.h"

namespace kairo::reports {

struct Run;
struct ClassResult;

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

// Its place in kPercentiles; another percentile does not compile.
consteval std::size_t place_of_percentile(std::string_view label) {
  for (std::size_t i = 0; i < kPercentiles.size(); ++i)
    if (kPercentiles[i].label == label) return i;
  throw "not one of kPercentiles";
}

// What a metric's number counts: decides how it is printed.
enum class Unit { kNanoseconds, kBytesPerSecond, kCount, kFraction };

// How each is computed: figures.cc, where `Of` is known. nullopt: not measured, or too few samples.
template <class Of>
struct Figure {
  std::string_view key;  // in files and in names of metrics
  Unit unit;
  std::string_view title;
  std::optional<double> (*compute)(const Of&);
};

namespace figures {
std::optional<double> longest(const ClassResult& result);
std::optional<double> mean(const ClassResult& result);
std::optional<double> ios(const ClassResult& result);
std::optional<double> rate(const ClassResult& result);
std::optional<double> missed(const ClassResult& result);

std::optional<double> utilisation(const Run& run);
std::optional<double> write_amplification(const Run& run);
std::optional<double> cpu_per_io(const Run& run);
std::optional<double> cpu_busy(const Run& run);
std::optional<double> switches_per_io(const Run& run);
std::optional<double> user_per_io(const Run& run);
std::optional<double> system_per_io(const Run& run);
std::optional<double> enters_per_io(const Run& run);
std::optional<double> bytes_per_enter(const Run& run);
std::optional<double> sessions(const Run& run);
std::optional<double> ttft_p50(const Run& run);
std::optional<double> ttft_p90(const Run& run);
std::optional<double> ttft_max(const Run& run);
std::optional<double> steps_p10(const Run& run);
std::optional<double> steps_p50(const Run& run);
std::optional<double> session_fairness(const Run& run);
}  // namespace figures

// Of a class, beside its percentiles.
inline constexpr std::array<Figure<ClassResult>, 5> kClassFigures = {
    {{"max_ns", Unit::kNanoseconds, "longest", figures::longest},
     {"mean_ns", Unit::kNanoseconds, "mean", figures::mean},
     {"ios", Unit::kCount, "I/Os", figures::ios},
     {"bytes_per_s", Unit::kBytesPerSecond, "rate", figures::rate},
     {"missed", Unit::kFraction, "deadlines missed", figures::missed}}};

inline constexpr std::array<Figure<Run>, 16> kRunFigures = {
    {{"utilisation", Unit::kFraction, "utilisation", figures::utilisation},
     {"write_amplification", Unit::kCount, "write amplification", figures::write_amplification},
     {"virtual_ns_per_io", Unit::kNanoseconds, "CPU per I/O", figures::cpu_per_io},
     {"cpu_busy", Unit::kFraction, "guest CPU busy", figures::cpu_busy},
     {"switches_per_io", Unit::kCount, "switches per I/O", figures::switches_per_io},
     {"user_ns_per_io", Unit::kNanoseconds, "fio user CPU per I/O", figures::user_per_io},
     {"system_ns_per_io", Unit::kNanoseconds, "fio system CPU per I/O", figures::system_per_io},
     {"enters_per_io", Unit::kCount, "io_uring_enter per I/O", figures::enters_per_io},
     {"bytes_per_enter", Unit::kCount, "bytes per io_uring_enter", figures::bytes_per_enter},
     {"sessions", Unit::kCount, "sessions", figures::sessions},
     {"ttft_p50_ns", Unit::kNanoseconds, "first token p50", figures::ttft_p50},
     {"ttft_p90_ns", Unit::kNanoseconds, "first token p90", figures::ttft_p90},
     {"ttft_max_ns", Unit::kNanoseconds, "first token longest", figures::ttft_max},
     {"steps_p10_per_s", Unit::kCount, "steps/s p10", figures::steps_p10},
     {"steps_p50_per_s", Unit::kCount, "steps/s p50", figures::steps_p50},
     {"session_fairness", Unit::kCount, "session fairness", figures::session_fairness}}};

// The place of a figure in its table; another key does not compile.
template <class Table>
consteval std::size_t place_of(const Table& table, std::string_view key) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].key == key) return i;
  throw "no such figure";
}

// A metric name taken apart: the place of its figure in the table it is in. One of a class is a
// percentile (a place in kPercentiles) or stands in kClassFigures; without a class it stands in
// kRunFigures.
struct MetricName {
  std::optional<IoClass> io_class;
  bool is_percentile = false;
  std::size_t place = 0;
  Unit unit = Unit::kCount;
};

// nullopt for a name that is none (the list is at `struct Metric`).
std::optional<MetricName> parse_metric_name(std::string_view name);

// Of a name that is known to be one: it stands in the code, or was parsed when the experiment was
// read. Ends the program for any other rather than show a figure nobody asked for.
MetricName metric_of(std::string_view name);

inline bool is_metric_name(std::string_view name) {
  return parse_metric_name(name).has_value();
}

// `decode.p999_ns` -> `decode p99.9`; `prefill.bytes_per_s` -> `prefill rate`.
std::string metric_title(std::string_view name);

}  // namespace kairo::reports
