// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kairo::mutants {

// One small change of a line: `length` characters at `at` become `replacement`.
struct Edit {
  std::string_view kind;  // the operator: "condition", "compare", "and-or", "plus-minus",
                          // "constant", "statement", "return", "min-max"
  std::size_t at = 0;
  std::size_t length = 0;
  std::string replacement;
};

// What the classic operators can do to a line: `line` as code_mask() gives it, `text` as it is.
// `before` is the masked code above it: a line that goes on from there is no statement of its own.
// Not every edit compiles.
std::vector<Edit> edits_of(std::string_view line, std::string_view text, std::string_view before);

}  // namespace kairo::mutants
