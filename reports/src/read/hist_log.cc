// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <array>

#include "kairo/base/units.h"
#include "kairo/reports/time_series.h"

namespace kairo::reports {
namespace {

constexpr std::size_t kLeadingColumns = 3;  // time, direction, bytes
constexpr unsigned kMaxCoarseness = 6;      // fio's own limit

// Cuts the next `, `-separated column off `line`.
std::string_view next_column(std::string_view& line) {
  const auto end = line.find(',');
  std::string_view column = line.substr(0, end);
  line = end == std::string_view::npos ? std::string_view{} : line.substr(end + 1);
  while (!column.empty() && (column.front() == ' ')) column.remove_prefix(1);
  while (!column.empty() && (column.back() == ' ' || column.back() == '\r'))
    column.remove_suffix(1);
  return column;
}

// How many buckets one count of a line stands for; 0 when fio writes no such line.
unsigned stride_of(std::size_t counts) {
  for (unsigned coarseness = 0; coarseness <= kMaxCoarseness; ++coarseness)
    if (counts == Histogram::kBuckets >> coarseness) return 1U << coarseness;
  return 0;
}

base::Result<HistWindow> parse_line(std::string_view line, const std::string& where) {
  const auto columns = static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
  const unsigned stride = columns > kLeadingColumns ? stride_of(columns - kLeadingColumns) : 0;
  if (stride == 0)
    return base::bad_input(
        "{}: {} columns: not a histogram log of fio (3 and 1,856 / 2^k counts; repeat this run)",
        where, columns);
  HistWindow out;
  std::array<std::uint64_t, kLeadingColumns> leading{};
  for (std::uint64_t& value : leading) {
    const auto number = base::parse_u64(next_column(line));
    if (!number) return base::bad_input("{}: not a number (repeat this run)", where);
    value = *number;
  }
  out.end_ms = leading[0];
  if (leading[1] > 2)
    return base::bad_input("{}: direction {} is not 0, 1 or 2 (repeat this run)", where,
                           leading[1]);
  out.direction = static_cast<Direction>(leading[1]);
  for (std::size_t i = 0; i < columns - kLeadingColumns; ++i) {
    const std::string_view column = next_column(line);
    if (column == "0") continue;
    const auto count = base::parse_u64(column);
    // More than any run can do: a sum of such counts must not overflow.
    if (!count || *count > (1ULL << 40))
      return base::bad_input("{}: column {}: '{}' is not a count (repeat this run)", where,
                             i + kLeadingColumns + 1, column.substr(0, 40));
    if (*count != 0)
      out.buckets.emplace_back(static_cast<unsigned>(i) * stride + stride / 2, *count);
  }
  return out;
}

}  // namespace

std::uint64_t HistWindow::count() const {
  std::uint64_t sum = 0;
  for (const auto& [bucket, count] : buckets) sum += count;
  return sum;
}

void HistWindow::add_to(Histogram& histogram) const {
  for (const auto& [bucket, count] : buckets) histogram.add_bucket(bucket, count);
}

base::Result<std::vector<HistWindow>> parse_hist_log(std::string_view text,
                                                     const std::string& source) {
  std::vector<HistWindow> out;
  std::array<std::uint64_t, 3> latest{};
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    KAIRO_TRY(auto window, parse_line(line, fmt::format("{}:{}", source, number)));
    std::uint64_t& before = latest[static_cast<std::size_t>(window.direction)];
    if (window.end_ms < before)
      return base::bad_input("{}:{}: {} ms comes after {} ms (repeat this run)", source, number,
                             window.end_ms, before);
    before = window.end_ms;
    out.push_back(std::move(window));
  }
  return out;
}

}  // namespace kairo::reports
