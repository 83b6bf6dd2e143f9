// SPDX-License-Identifier: GPL-2.0-only
#include "switch_form.h"

#include <fmt/format.h>

#include <string_view>

#include "code_mask.h"
#include "kairo/base/text.h"

namespace kairo::mutants {
namespace {

// What is switched of a line lies between two parts that both sides have.
struct Parts {
  std::string_view head, value, tail;
};

std::optional<Parts> cut(std::string_view line, std::size_t begin, std::size_t end) {
  return Parts{line.substr(0, begin), line.substr(begin, end - begin), line.substr(end)};
}

std::optional<Parts> split(std::string_view line) {
  const std::string code = code_mask(line);
  const std::string_view text = base::trim(code);
  const auto indent = static_cast<std::size_t>(text.data() - code.data());
  for (const std::string_view word : {"if (", "while (", "} else if (", "else if ("}) {
    if (!text.starts_with(word)) continue;
    const std::size_t open = indent + word.size() - 1;
    const std::size_t close = closing_parenthesis(code, open);
    if (close == std::string::npos) return std::nullopt;
    return cut(line, open + 1, close);
  }
  if (!text.ends_with(';')) return std::nullopt;
  const std::size_t end = indent + text.size() - 1;
  if (text.starts_with("return ")) return cut(line, indent + 7, end);
  const std::size_t equals = code.find(" = ");
  // Not a declaration: mixed with code it does no harm, but its name may be used before the line.
  if (equals != std::string::npos && code.substr(indent, equals - indent).find(' ') == code.npos)
    return cut(line, equals + 3, end);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> switch_form(const Mutation& mutation, unsigned number) {
  const std::string_view before = mutation.before;
  if (mutation.kind == "statement") {
    const auto indent = before.find_first_not_of(" \t");
    return fmt::format("{}{{ if (!KAIRO_MUTANT({})) {} }}", before.substr(0, indent), number,
                       before.substr(indent));
  }
  const auto old_parts = split(before);
  const auto new_parts = split(mutation.after);
  if (!old_parts || !new_parts || old_parts->head != new_parts->head ||
      old_parts->tail != new_parts->tail)
    return std::nullopt;
  // A condition that is a pointer has another type than its opposite.
  const std::string_view truth = mutation.kind == "condition" ? "!!" : "";
  return fmt::format("{}KAIRO_MUTANT({}) ? ({}) : {}({}){}", old_parts->head, number,
                     new_parts->value, truth, old_parts->value, old_parts->tail);
}

}  // namespace kairo::mutants
