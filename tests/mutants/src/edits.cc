// SPDX-License-Identifier: GPL-2.0-only
#include "edits.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "code_mask.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::mutants {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

struct Swap {
  std::string_view kind, from, to;
};

// Blanks on both sides tell a comparison from a template's bracket, and an operator from a sign.
void swap_operators(std::string_view line, std::vector<Edit>& out) {
  static constexpr std::array<Swap, 14> kSwaps = {{{"compare", "<", "<="},
                                                   {"compare", "<=", "<"},
                                                   {"compare", ">", ">="},
                                                   {"compare", ">=", ">"},
                                                   {"compare", "==", "!="},
                                                   {"compare", "!=", "=="},
                                                   {"and-or", "&&", "||"},
                                                   {"and-or", "||", "&&"},
                                                   {"plus-minus", "+", "-"},
                                                   {"plus-minus", "-", "+"},
                                                   {"plus-minus", "+=", "-="},
                                                   {"plus-minus", "-=", "+="},
                                                   {"compare", "<<", ">>"},
                                                   {"compare", ">>", "<<"}}};
  for (const Swap& swap : kSwaps) {
    for (auto at = line.find(swap.from); at != std::string_view::npos;
         at = line.find(swap.from, at + 1)) {
      const auto end = at + swap.from.size();
      if (at == 0 || line[at - 1] != ' ' || (end < line.size() && line[end] != ' ')) continue;
      out.push_back({swap.kind, at, swap.from.size(), std::string(swap.to)});
    }
  }
}

void swap_steps(std::string_view line, std::vector<Edit>& out) {
  for (const auto& [from, to] : {std::pair{"++", "--"}, std::pair{"--", "++"}}) {
    for (auto at = line.find(from); at != std::string_view::npos; at = line.find(from, at + 2))
      out.push_back({"plus-minus", at, 2, to});
  }
}

// A function of that name, not a member: std::numeric_limits has a max(), too.
void swap_names(std::string_view line, std::vector<Edit>& out) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames = {
      {{"min", "max"},
       {"max", "min"},
       {"min_t", "max_t"},
       {"max_t", "min_t"},
       {"lower_bound", "upper_bound"},
       {"upper_bound", "lower_bound"}}};
  for (const auto& [from, to] : kNames) {
    for (auto at = line.find(from); at != std::string_view::npos; at = line.find(from, at + 1)) {
      const auto end = at + from.size();
      const std::string_view left = line.substr(0, at);
      const bool called = end < line.size() && (line[end] == '(' || line[end] == '<');
      const bool free = left.empty() || left.ends_with("std::") ||
                        (!is_word(left.back()) && left.back() != '.' && left.back() != ':' &&
                         !left.ends_with("->"));
      if (called && free) out.push_back({"min-max", at, from.size(), std::string(to)});
    }
  }
}

// Whole decimal numbers, one more and one less.
void change_constants(std::string_view line, std::vector<Edit>& out) {
  for (std::size_t at = 0; at < line.size();) {
    if (!is_digit(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && is_digit(line[end])) ++end;
    std::size_t suffix = end;
    while (suffix < line.size() && std::string_view("uUlL").find(line[suffix]) != line.npos)
      ++suffix;
    const bool whole =
        (at == 0 || (!is_word(line[at - 1]) && line[at - 1] != '.' && line[at - 1] != '\'')) &&
        (suffix == line.size() ||
         (!is_word(line[suffix]) && line[suffix] != '.' && line[suffix] != '\''));
    const auto value = base::parse_u64(line.substr(at, end - at));
    if (whole && value) {
      out.push_back({"constant", at, end - at, std::to_string(*value + 1)});
      if (*value > 0) out.push_back({"constant", at, end - at, std::to_string(*value - 1)});
    }
    while (end < line.size() && (is_word(line[end]) || line[end] == '.')) ++end;
    at = end;
  }
}

// A condition that ends on its line and declares nothing.
void negate_condition(std::string_view line, std::string_view text, std::vector<Edit>& out) {
  for (const std::string_view word : {"if (", "while ("}) {
    const auto found = line.find(word);
    if (found == std::string_view::npos || (found > 0 && is_word(line[found - 1]))) continue;
    const auto open = found + word.size() - 1;
    const auto close = closing_parenthesis(line, open);
    if (close == std::string_view::npos) continue;
    const std::string_view inside = line.substr(open + 1, close - open - 1);
    if (inside.find(';') != inside.npos || inside.starts_with("auto") ||
        inside.starts_with("const "))
      continue;
    const std::string condition(text.substr(open + 1, inside.size()));
    out.push_back({"condition", open + 1, inside.size(), "!(" + condition + ")"});
  }
}

bool is_balanced(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' || c == '{' || c == '[' ? 1 : c == ')' || c == '}' || c == ']' ? -1 : 0;
    if (depth < 0) return false;
  }
  return depth == 0;
}

// `std::string name;`: a type and a name, where a statement has a name and an operator.
bool is_declaration(std::string_view statement) {
  const auto blank = statement.find(' ');
  if (blank == std::string_view::npos || blank + 1 >= statement.size()) return false;
  if (statement.substr(0, blank).find('(') != std::string_view::npos) return false;
  std::string_view second = statement.substr(blank + 1);
  while (!second.empty() && (second.front() == '*' || second.front() == '&'))
    second.remove_prefix(1);
  return !second.empty() && is_word(second.front());
}

void drop_statement(std::string_view line, std::string_view before, std::vector<Edit>& out) {
  const std::string_view statement = base::trim(line);
  const std::string_view above = before.substr(0, before.find_last_not_of(" \t\n") + 1);
  const bool begins = above.empty() || std::string_view(";{}):").find(above.back()) != above.npos;
  if (!begins || !statement.ends_with(';') || !is_balanced(statement)) return;
  const auto at = static_cast<std::size_t>(statement.data() - line.data());
  if (statement == "return true;" || statement == "return false;") {
    out.push_back({"return", at, statement.size(),
                   statement == "return true;" ? "return false;" : "return true;"});
    return;
  }
  if (!is_word(statement.front()) && !statement.starts_with("++") && !statement.starts_with("--") &&
      statement.front() != '*')
    return;
  const bool jump = statement == "break;" || statement == "continue;";
  const bool acts =
      statement.find('(') != statement.npos || statement.find('=') != statement.npos ||
      statement.find("++") != statement.npos || statement.find("--") != statement.npos;
  // At the left edge is no function; a value that is not returned is any value.
  if (at == 0 || statement.starts_with("return") || statement.starts_with("goto")) return;
  // One thread at a time notices no lock that is missing; lockdep is who looks for that.
  if (statement.find("lock(") != statement.npos) return;
  if ((jump || acts) && !is_declaration(statement))
    out.push_back({"statement", at, statement.size(), "{}"});
}

}  // namespace

std::vector<Edit> edits_of(std::string_view line, std::string_view text, std::string_view before) {
  std::vector<Edit> out;
  for (const std::string_view word : {"case ", "using ", "namespace ", "template ", "public:"})
    if (base::trim(line).starts_with(word)) return out;
  swap_operators(line, out);
  swap_steps(line, out);
  swap_names(line, out);
  change_constants(line, out);
  negate_condition(line, text, out);
  drop_statement(line, before, out);
  return out;
}

}  // namespace kairo::mutants
