// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kairo::base {

// Of `known` the word that `word` was probably meant to be: the one that the fewest insertions,
// deletions, replacements and swaps of neighbours lead to, at most one for three letters begun.
// Empty when none is that near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

// " (did you mean X?)" for a message about `word`, or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace kairo::base
