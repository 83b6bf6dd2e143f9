// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

namespace kairo::base {
namespace {

struct Split {
  double number;
  std::string unit;  // lower case
};

// "1.5MiB" -> {1.5, "mib"}.
std::optional<Split> split_number(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string unit(rest, end);
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return Split{number, unit};
}

Result<std::uint64_t> scaled(std::string_view text, double value) {
  if (value >= static_cast<double>(std::numeric_limits<std::int64_t>::max()))
    return bad_input("\"{}\" is too large", text);
  return static_cast<std::uint64_t>(std::llround(value));
}

}  // namespace

std::optional<std::uint64_t> parse_u64(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || rest != end || !std::isfinite(value))
    return std::nullopt;
  return value;
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const auto split = split_number(text);
  if (!split) return bad_input("\"{}\" is not a size (examples: 4096, 64k, 1.5GiB)", text);
  std::string unit = split->unit;
  if (unit.ends_with("ib")) {
    unit.resize(unit.size() - 2);
  } else if (unit.ends_with("b")) {
    unit.resize(unit.size() - 1);
  }
  constexpr std::string_view kPrefixes = "kmgtp";
  double factor = 1;
  if (!unit.empty()) {
    const auto at = kPrefixes.find(unit);
    if (unit.size() != 1 || at == std::string_view::npos)
      return bad_input("\"{}\" has an unknown unit (use k, M, G, T: powers of 1024)", text);
    factor = std::pow(1024.0, static_cast<double>(at + 1));
  }
  return scaled(text, split->number * factor);
}

Result<std::uint64_t> parse_duration_ns(std::string_view text) {
  struct Unit {
    std::string_view name;
    double ns;
  };
  static constexpr std::array<Unit, 6> kUnits = {
      {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
  const auto split = split_number(text);
  if (split) {
    for (const Unit& unit : kUnits)
      if (split->unit == unit.name) return scaled(text, split->number * unit.ns);
  }
  return bad_input("\"{}\" is not a duration (a number with ns, us, ms, s, m or h)", text);
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> kNames = {"B",   "KiB", "MiB",
                                                             "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kNames.size()) {
    value /= 1024;
    ++unit;
  }
  const bool whole = unit == 0 || value == std::floor(value);
  return whole ? fmt::format("{:.0f} {}", value, kNames[unit])
               : fmt::format("{:.1f} {}", value, kNames[unit]);
}

std::string format_duration_ns(double ns) {
  static constexpr std::array<std::string_view, 4> kNames = {"ns", "µs", "ms", "s"};
  std::size_t unit = 0;
  while (ns >= 999.5 && unit + 1 < kNames.size()) {
    ns /= 1000;
    ++unit;
  }
  const int decimals = (unit == 0 || ns >= 99.95) ? 0 : ns >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", ns, decimals, kNames[unit]);
}

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

}  // namespace kairo::base
