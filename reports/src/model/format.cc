// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kairo/base/units.h"

namespace kairo::reports {

std::string format_number(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) {
    const std::string digits = base::format_count(static_cast<std::uint64_t>(std::llround(size)));
    return value < 0 ? "-" + digits : digits;
  }
  if (size == 0) return "0";
  // Rounding may carry into the next decade: 9.996 has two decimals' worth of digits, not three.
  int decimals = 2 - static_cast<int>(std::floor(std::log10(size * 1.0005)));
  decimals = std::clamp(decimals, 0, 6);
  return fmt::format("{:.{}f}", value, decimals);
}

std::string format_optional(std::optional<double> value, double scale) {
  return value ? format_number(*value * scale) : std::string(kNotAvailable);
}

Scale scale_for(double largest, Unit unit) {
  switch (unit) {
    case Unit::kNanoseconds:
      if (largest > 0 && largest < 1e3) return {1, "ns"};
      // Microseconds up to 100 ms: latencies of one table should not change their unit.
      if (largest < 1e8) return {1e-3, "µs"};
      return {1e-6, "ms"};
    case Unit::kBytesPerSecond:
      return {1e-6, "MB/s"};
    case Unit::kFraction:
      return {100, "%"};
    case Unit::kCount:
      break;
  }
  return {1, ""};
}

std::string format_with_unit(double value, Unit unit) {
  const Scale scale = scale_for(value, unit);
  return fmt::format("{}{}{}", format_number(value * scale.factor), scale.name.empty() ? "" : " ",
                     scale.name);
}

std::string format_runs(std::size_t runs) {
  return fmt::format("{} run{}", runs, runs == 1 ? "" : "s");
}

std::string format_p(double p) {
  if (p < 0.0001) return "< 0.0001";
  return p < 0.01 ? fmt::format("{:.4f}", p) : fmt::format("{:.2f}", p);
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

Table::Table(std::vector<std::string> header, std::vector<std::size_t> left)
    : left_(std::move(left)) {
  rows_.push_back(std::move(header));
}

void Table::add(std::vector<std::string> row) {
  row.resize(rows_.front().size());
  rows_.push_back(std::move(row));
}

bool Table::is_left(std::size_t column) const {
  return column == 0 || std::find(left_.begin(), left_.end(), column) != left_.end();
}

std::string Table::markdown() const {
  const std::size_t columns = rows_.front().size();
  std::vector<std::size_t> widths(columns, 3);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < columns; ++i)
      widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string out;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string& cell = rows_[r][i];
      const std::string padding(widths[i] - display_width(cell), ' ');
      out += is_left(i) ? "| " + cell + padding + " " : "| " + padding + cell + " ";
    }
    out += "|\n";
    if (r != 0) continue;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string dashes(widths[i] + 1, '-');
      out += is_left(i) ? "|" + dashes + "-" : "|" + dashes + ":";
    }
    out += "|\n";
  }
  return out;
}

}  // namespace kairo::reports
