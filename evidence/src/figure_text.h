// SPDX-License-Identifier: GPL-2.0-only
// Which numbers of a text look measured. Nobody can tell in general; this finds those that say what
// a measurement says: a latency, a rate, a ratio, a percentile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kairo::evidence {

struct Span {
  std::size_t begin = 0;
  std::size_t length = 0;
};

// The line with blanks of the same length in place of `code`, comments and where links lead to.
std::string plain_text(std::string_view line);

// A number with a unit of latency below a second or of rate, "1.2 times", "3x", "p99 590",
// "0.98 of". In `line` as plain_text() makes it.
std::vector<Span> measured_numbers(const std::string& line);

// All numbers, and n/a.
std::vector<Span> all_numbers(const std::string& line);

// Whether the head of a column names such a unit: "decode p99 µs".
bool is_measured_head(const std::string& head);

// Whether a paragraph says what was asked for and not what came out: it begins with
// **Question.**, **Why.**, **What runs.** or **What would refute it.**
bool is_plan(std::string_view line);

}  // namespace kairo::evidence
