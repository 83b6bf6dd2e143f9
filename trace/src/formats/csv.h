// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/trace/format.h"

// What the formats with commas share.
namespace kairo::trace {

// The fields of a line, without blanks around them. A field in double quotes may hold commas and,
// doubled, quotes (RFC 4180), but no line end.
base::Result<std::vector<std::string>> split_csv(std::string_view line);

// Whether the line is a header with this column.
bool has_column(std::string_view header, std::string_view column);

// A whole number from 0 on; 472.0 is one.
base::Result<std::uint64_t> csv_count(std::string_view text, std::string_view column);

// The request of a line whose columns are its time, which is parsed already, and the tokens of
// prompt and answer.
base::Result<Parsed> csv_request(const base::Result<std::int64_t>& time, const Line& line,
                                 std::span<const std::string_view> columns);

// Digits after a decimal point as nanoseconds; what is below one is cut off. Nothing when `text`
// is empty or holds something else.
base::Result<std::uint64_t> fraction_ns(std::string_view text);

}  // namespace kairo::trace
