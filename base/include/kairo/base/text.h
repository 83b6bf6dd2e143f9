// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kairo::base {

// Blanks inside a line. The carriage return is one: files come from other systems, too.
inline constexpr std::string_view kBlank = " \t\r";

// All results below but excerpt() are views into `text`: it must live as long as they are used.

// Without blanks at both ends.
std::string_view trim(std::string_view text);

// The lines as they are, without their newlines; a final newline begins no further line.
std::vector<std::string_view> split_lines(std::string_view text);

// The words between blanks.
std::vector<std::string_view> split_words(std::string_view line);

// "none [kairo] bfq", as sysfs prints a choice -> "kairo"; a line without brackets is returned as
// it is.
std::string_view selected(std::string_view line);

// A piece of a hostile line for a message: printable, and short.
std::string excerpt(std::string_view text, std::size_t most = 40);

}  // namespace kairo::base
