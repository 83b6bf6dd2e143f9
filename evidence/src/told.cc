// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <regex>

#include "kairo/base/text.h"
#include "kairo/evidence/commands.h"
#include "table.h"

namespace kairo::evidence {
namespace {

using Words = std::vector<std::string_view>;

// What ends a command of a shell, as a word.
bool ends_command(std::string_view word) {
  static constexpr std::string_view kEnds[] = {"|", "||", "&&", ";", "#"};
  return std::find(std::begin(kEnds), std::end(kEnds), word) != std::end(kEnds) ||
         word.find('>') != std::string_view::npos;
}

bool is_looked_up(const Words& words, std::size_t at) {
  return words[at] == "./check" || words[at] == "ctest" ||
         (words.size() - at > 2 && words[at] == "kairo" && words[at + 1] == "experiment" &&
          words[at + 2] == "run");
}

// The commands among the words of a line. What has [brackets] is a usage line, and a word alone the
// name of a program.
void find_in(std::string_view text, std::size_t line, std::vector<Named>& out) {
  const Words words = base::split_words(text);
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (!is_looked_up(words, at)) continue;
    Named named{line, "", true};
    bool usage = false;
    for (; at < words.size() && !ends_command(words[at]); ++at) {
      usage = usage || words[at].starts_with("[");
      named.command += (named.command.empty() ? "" : " ") + std::string(words[at]);
    }
    if (!usage && named.command.find(' ') != std::string::npos) out.push_back(std::move(named));
  }
}

// `code` of the lines [from, to), also where a line ends within.
void find_in_text(const Page& page, std::size_t from, std::size_t to, std::vector<Named>& out) {
  static const std::regex code("`([^`]+)`");
  std::string text;
  for (std::size_t line = from; line < to; ++line) text += std::string(page.line(line)) + "\n";
  for (std::sregex_iterator it(text.begin(), text.end(), code), end; it != end; ++it) {
    const auto newlines = std::count(text.begin(), text.begin() + it->position(1), '\n');
    std::string inside = with_bars(it->str(1));
    std::replace(inside.begin(), inside.end(), '\n', ' ');
    find_in(inside, from + static_cast<std::size_t>(newlines), out);
  }
}

// A line of a block of code, with those that a \ at its end appends; returns the line after.
std::size_t find_in_code(const Page& page, std::size_t line, std::vector<Named>& out) {
  const std::size_t first = line;
  std::string text;
  for (bool more = true; more && line <= page.lines.size(); ++line) {
    text += page.line(line);
    more = text.ends_with("\\");
    if (more) text.back() = ' ';
  }
  find_in(text, first, out);
  return line;
}

}  // namespace

std::vector<Named> commands_told(const Page& page) {
  std::vector<Named> out;
  for (std::size_t line = 1; line <= page.lines.size();) {
    if (page.kinds[line - 1] == LineKind::kCode) {
      line = find_in_code(page, line, out);
      continue;
    }
    const std::size_t first = line;  // a paragraph, or a row of a table
    const auto is_of_it = [&](std::size_t at) {
      return at <= page.lines.size() && page.kinds[at - 1] != LineKind::kCode &&
             !base::trim(page.line(at)).empty() && !base::trim(page.line(at)).starts_with("|");
    };
    for (++line; is_of_it(line);) ++line;
    find_in_text(page, first, line, out);
  }
  return out;
}

}  // namespace kairo::evidence
