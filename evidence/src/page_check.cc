// SPDX-License-Identifier: GPL-2.0-only
// What a page does not say about its figures.
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "figure_text.h"
#include "kairo/base/text.h"
#include "kairo/evidence/page.h"
#include "table.h"

namespace kairo::evidence {
namespace {

// Which columns of a table are measured, by their heads.
std::vector<bool> measured_columns(std::string_view head) {
  std::vector<bool> out;
  for (const Cell& cell : cells_of(head)) out.push_back(is_measured_head(std::string(cell.text)));
  return out;
}

// The measured numbers of a row: what is said so in a cell, and all of a measured column.
std::vector<Span> measured_in_row(std::string_view row, const std::vector<bool>& columns) {
  // `option` | what it does: numbers there are its own.
  const auto cells = cells_of(row);
  if (!cells.empty() && cells[0].text.starts_with("`")) return {};
  const std::string plain = plain_text(row);
  std::vector<Span> out = measured_numbers(plain);
  for (std::size_t i = 1; i < cells.size() && i < columns.size(); ++i) {
    if (!columns[i]) continue;
    for (Span span : all_numbers(plain.substr(cells[i].column, cells[i].text.size()))) {
      span.begin += cells[i].column;
      if (plain[span.begin] != 'n') out.push_back(span);
    }
  }
  return out;
}

struct LineFigures {
  std::size_t line;
  std::vector<Span> spans;
};

// Of the lines `from` to, without, `to` that are of that kind.
std::vector<LineFigures> figures_in(const Page& page, std::size_t from, std::size_t to,
                                    LineKind kind) {
  std::vector<LineFigures> out;
  bool plan = false;  // in a paragraph that says what was asked for
  std::size_t head = 0;
  std::vector<bool> columns;
  for (std::size_t line = from; line < to; ++line) {
    const std::string_view text = page.line(line);
    if (base::trim(text).empty()) plan = false;
    if (is_plan(text)) plan = true;
    if (!is_row(text)) head = 0;
    if (plan || page.kinds[line - 1] != kind) continue;
    if (is_row(text)) {
      if (head == 0) {
        head = line;
        columns = measured_columns(text);
      }
      if (line >= head + 2) out.push_back({line, measured_in_row(text, columns)});
    } else {
      out.push_back({line, measured_numbers(plain_text(text))});
    }
  }
  return out;
}

std::string quoted(std::string_view line, const std::vector<Span>& spans) {
  std::set<std::string_view> words;
  for (const Span& span : spans) words.insert(line.substr(span.begin, span.length));
  return fmt::format("{}", fmt::join(words, " "));
}

// One line of small letters, without comments, for finding words in.
std::string words_of_block(const Page& page, const Block& block) {
  std::string text;
  for (std::size_t line = block.text_line; line < block.last_line; ++line)
    for (const std::string_view word : base::split_words(page.line(line)))
      text += std::string(word) + " ";
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::vector<Problem> without_source(const Page& page) {
  std::vector<Problem> out;
  for (const auto& [line, spans] : figures_in(page, 1, page.lines.size() + 1, LineKind::kText))
    if (!spans.empty())
      out.push_back({line, fmt::format("figure without a source: {} (put <!-- measured: ... --> "
                                       "around what was measured, <!-- settings --> around what "
                                       "was chosen)",
                                       quoted(page.line(line), spans))});
  return out;
}

std::vector<Problem> silent_series(const Page& page, std::string_view current) {
  std::vector<Problem> out;
  for (const Block& block : page.blocks) {
    if (block.series == current || block.series == kNoSeries) continue;
    const std::string text = words_of_block(page, block);
    std::string series = block.series;
    std::transform(series.begin(), series.end(), series.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text.find("series " + series) != std::string::npos ||
        text.find("series of " + series) != std::string::npos)
      continue;
    out.push_back({block.first_line,
                   fmt::format("figures of series {0}, the tree has {1}, and the text does not say "
                               "so (measure again, or write \"series {2}{0}\")",
                               block.series, current,
                               block.series.find(' ') == std::string::npos ? "" : "of ")});
  }
  return out;
}

std::vector<Problem> without_command(const Page& page) {
  std::vector<Problem> out;
  for (const Block& block : page.blocks) {
    if (block.command == kNoCommand &&
        words_of_block(page, block).find("no command") == std::string::npos)
      out.push_back(
          {block.first_line,
           "no command measures this, and the text does not say so (write \"no command\")"});
    if (!block.command.empty()) continue;
    const auto tables = tables_of(page, block.text_line, block.last_line);
    if (std::none_of(tables.begin(), tables.end(), [&](const Table& table) {
          const auto heads = cells_of(page.line(table.head));
          return !heads.empty() && heads.back().text == kCommandHead;
        }))
      out.push_back({block.first_line,
                     "command is empty, and no table of the block has a column \"command\""});
  }
  return out;
}

std::vector<Problem> without_key(const Page& page, const Block& block) {
  std::vector<Problem> out;
  for (const auto& [line, spans] :
       figures_in(page, block.text_line, block.last_line, LineKind::kMeasured)) {
    std::vector<Span> open;
    for (const Span& span : spans)
      if (std::none_of(block.figures.begin(), block.figures.end(), [&, at = line](const Figure& f) {
            return f.line == at && f.column == span.begin && !f.key.empty();
          }))
        open.push_back(span);
    if (!open.empty())
      out.push_back({line, fmt::format("no key: {}", quoted(page.line(line), open))});
  }
  for (const Figure& figure : block.figures)
    if (figure.key.empty()) out.push_back({figure.line, "no key: a column '-' has numbers"});
  return out;
}

}  // namespace kairo::evidence
