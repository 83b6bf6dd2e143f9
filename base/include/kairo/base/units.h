// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kairo/base/result.h"

namespace kairo::base {

// A whole decimal number, nothing before or after it.
std::optional<std::uint64_t> parse_u64(std::string_view text);

// A finite decimal number, nothing before or after it.
std::optional<double> parse_double(std::string_view text);

// "64k", "16GiB", "1.5M", "4096": powers of 1024, case-insensitive, optional "iB" or "B".
Result<std::uint64_t> parse_bytes(std::string_view text);

// "250ms", "2s", "10m", "1h", "5us", "100ns" to nanoseconds. A bare number is refused: units travel
// with numbers.
Result<std::uint64_t> parse_duration_ns(std::string_view text);

// 1536 -> "1.5 KiB"; 0 -> "0 B".
std::string format_bytes(std::uint64_t bytes);

// 1'234'567 ns -> "1.23 ms", three significant digits.
std::string format_duration_ns(double ns);

// "1234567" -> "1,234,567".
std::string format_count(std::uint64_t count);

}  // namespace kairo::base
