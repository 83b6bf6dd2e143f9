// SPDX-License-Identifier: GPL-2.0-only
#include "write/markdown_parts.h"

#include <algorithm>

#include "kairo/reports/format.h"

namespace kairo::reports {

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == '\t')
      out += ' ';
    else if (c == '|' || c == '<' || c == '`')
      out += c == '|' ? "\\|" : c == '<' ? "&lt;" : "'";
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out;
}

std::string code_block(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out += fmt::format("    {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string wrap(std::string_view text, std::size_t first_indent, std::size_t indent) {
  std::string out;
  std::size_t column = first_indent;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (column > indent && column + 1 + display_width(word) > 98) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += word;
    column += display_width(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string shown_text(const ShownValue& shown, double factor) {
  return fmt::format("{}{}{}", at_least_mark(shown.at_least), format_optional(shown.value, factor),
                     shown.pooled ? "*" : "");
}

std::string bullet(std::string_view text, std::size_t depth) {
  const std::size_t indent = 2 * depth + 2;
  return std::string(2 * depth, ' ') + "- " + wrap(text, indent, indent) + "\n";
}

}  // namespace kairo::reports
