// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <algorithm>

#include "figure_text.h"
#include "kairo/base/text.h"
#include "kairo/evidence/results.h"

namespace kairo::evidence {

std::vector<Cell> cells_of(std::string_view line) {
  std::vector<Cell> out;
  bool code = false;
  std::size_t begin = 1;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '`') code = !code;
    if (line[i] != '|' || line[i - 1] == '\\' || code) continue;
    const std::string_view text = base::trim(line.substr(begin, i - begin));
    out.push_back(
        {text.empty() ? begin : static_cast<std::size_t>(text.data() - line.data()), text});
    begin = i + 1;
  }
  return out;
}

std::vector<Table> tables_of(const Page& page, std::size_t from, std::size_t to) {
  std::vector<Table> out;
  for (std::size_t at = from; at < to; ++at) {
    if (!is_row(page.line(at)) || page.kinds[at - 1] == LineKind::kCode) continue;
    Table table{at, at};
    while (table.end < to && is_row(page.line(table.end))) ++table.end;
    at = table.end;
    out.push_back(table);
  }
  return out;
}

namespace {

std::string with_row(std::string_view key, const std::string& row) {
  static constexpr std::string_view kRow = "{row}";
  std::string out(key);
  for (std::size_t at = 0; (at = out.find(kRow, at)) != std::string::npos; at += row.size())
    out.replace(at, kRow.size(), row);
  return out;
}

// "a;b": the keys of a cell's first numbers.
base::Result<std::vector<Figure>> figures_of_cell(const Cell& cell, std::size_t line,
                                                  std::string_view keys, const std::string& row) {
  std::vector<Figure> out;
  const std::string text(cell.text);
  const std::vector<Span> numbers = all_numbers(text);
  for (std::size_t place = 0; !keys.empty(); ++place) {
    const std::size_t end = std::min(keys.find(';'), keys.size());
    const std::string key = with_row(keys.substr(0, end), row);
    keys.remove_prefix(std::min(end + 1, keys.size()));
    KAIRO_CHECK(parse_key(key));
    if (place >= numbers.size()) {
      // n/a stands for all that a cell would say.
      if (text.find("n/a") != std::string::npos) break;
      return base::bad_input("no number for {} in \"{}\"", key, text);
    }
    const Span& number = numbers[place];
    out.push_back(
        {line, cell.column + number.begin, text.substr(number.begin, number.length), key});
  }
  return out;
}

}  // namespace

base::Result<std::vector<Figure>> figures_of_table(const Page& page, const Block& block,
                                                   const std::string& columns,
                                                   const std::string& rows) {
  const auto tables = tables_of(page, block.text_line, block.last_line);
  if (tables.empty()) return base::bad_input("columns, but the block has no table");
  const auto [head, end] = tables.front();
  const auto keys = base::split_words(columns);
  const auto names = base::split_words(rows);
  if (keys.size() + 1 != cells_of(page.line(head)).size())
    return base::bad_input("columns has {} words for the {} columns after the first of the table",
                           keys.size(), cells_of(page.line(head)).size() - 1);
  if (!names.empty() && head + 2 + names.size() != end)
    return base::bad_input("rows has {} words for {} rows", names.size(), end - head - 2);
  std::vector<Figure> out;
  for (std::size_t line = head + 2; line < end; ++line) {
    const auto cells = cells_of(page.line(line));
    if (cells.size() != keys.size() + 1)
      return base::bad_input("line {} has {} cells, the head {}", line, cells.size(),
                             keys.size() + 1);
    const std::string row =
        names.empty() ? bare(cells[0].text) : std::string(names[line - head - 2]);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == "-") {
        for (const Span& number : all_numbers(std::string(cells[i + 1].text)))
          out.push_back({line, cells[i + 1].column + number.begin, "", ""});
        continue;
      }
      const auto found = figures_of_cell(cells[i + 1], line, keys[i], row);
      if (!found) return base::fail(found.error(), fmt::format("line {}", line));
      out.insert(out.end(), found->begin(), found->end());
    }
  }
  return out;
}

std::string with_bars(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!text.substr(i).starts_with("\\|")) out += text[i];
  return out;
}

std::string bare(std::string_view cell) {
  std::string out;
  for (const char c : cell)
    if (c != '*' && c != '`') out += c;
  return out;
}

}  // namespace kairo::evidence
