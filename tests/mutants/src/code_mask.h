// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kairo::mutants {

// `source`, C or C++, with a blank for each character that no mutant may touch: comments, strings
// and character constants, preprocessor lines, assertions. Length and line ends stay, so that a
// position in the result is one in the source.
std::string code_mask(std::string_view source);

// Part of a name or a number.
bool is_word(char c);

// Where the parenthesis at `open` is closed; npos when it is not.
std::size_t closing_parenthesis(std::string_view masked, std::size_t open);

}  // namespace kairo::mutants
