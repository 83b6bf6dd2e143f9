// SPDX-License-Identifier: GPL-2.0-only
// Numbers and tables as people read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/reports/metric.h"

namespace kairo::reports {

inline constexpr std::string_view kNotAvailable = "n/a";

// In front of a latency that lies in fio's last bin: it took at least that long.
constexpr std::string_view at_least_mark(bool at_least) {
  return at_least ? "≥ " : "";
}

// Three significant digits, thousands separated, never an exponent: 0.0304, 6.12, 20,054.
std::string format_number(double value);

// `n/a` or the number after multiplication by `scale` (0.001 for microseconds).
std::string format_optional(std::optional<double> value, double scale = 1);

// The value in the unit that suits its size: `612 µs`, `1,583 MB/s` (10^6), `87.4 %`, `4,099`.
std::string format_with_unit(double value, Unit unit);

// The factor and the name of the unit that suits `largest`, for a row or column of values.
struct Scale {
  double factor;
  std::string_view name;  // empty for counts
};
Scale scale_for(double largest, Unit unit);

// `1 run`, `6 runs`.
std::string format_runs(std::size_t runs);

// "0.0004", "0.43", "< 0.0001".
std::string format_p(double p);

// Terminal columns of UTF-8 text; every code point counts as one.
std::size_t display_width(std::string_view text);

// A markdown table whose columns are also aligned as plain text. The first column is aligned to the
// left, columns in `left` too, all others to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header, std::vector<std::size_t> left = {});
  void add(std::vector<std::string> row);
  [[nodiscard]] std::string markdown() const;

 private:
  [[nodiscard]] bool is_left(std::size_t column) const;

  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> left_;
};

}  // namespace kairo::reports
