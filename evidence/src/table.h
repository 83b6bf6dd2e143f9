// SPDX-License-Identifier: GPL-2.0-only
// Tables of Markdown: lines that begin with '|'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kairo/evidence/page.h"

namespace kairo::evidence {

struct Cell {
  std::size_t column = 0;  // of its text in the line
  std::string_view text;   // without blanks around it
};

// The cells of a row; \| and | in `code` do not separate. Views into `line`.
std::vector<Cell> cells_of(std::string_view line);

struct Table {
  std::size_t head = 0;  // its first line; the one after it is |---|
  std::size_t end = 0;   // the line after its last
};

inline bool is_row(std::string_view line) {
  return line.starts_with("|");
}

// All tables from line `from` up to, without, line `to`.
std::vector<Table> tables_of(const Page& page, std::size_t from, std::size_t to);

// The figures that `columns` and `rows` name in the block's first table (page.h).
base::Result<std::vector<Figure>> figures_of_table(const Page& page, const Block& block,
                                                   const std::string& columns,
                                                   const std::string& rows);

// What is written `\|` in a cell, where a bar alone would separate.
std::string with_bars(std::string_view text);

// Its text without ** and `.
std::string bare(std::string_view cell);

}  // namespace kairo::evidence
