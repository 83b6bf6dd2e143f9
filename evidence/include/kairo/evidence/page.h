// SPDX-License-Identifier: GPL-2.0-only
// A Markdown page, and what it says about where its figures come from:
//
//   <!-- measured: series=28fe2ade5b78 command="kairo experiment run 01 --loads mix"
//        columns="mix/{row}/decode.p99_us mix/{row}/prefill.mb_per_s" -->
//   | arm | decode p99 µs | prefill MB/s |
//   |---|--:|--:|
//   | none | 27,918 | 1,104 |
//
//   kairo has 0.047<!-- mix/kairo/decode.p99_us/mq-deadline --> times the p99 of mq-deadline.
//   <!-- /measured -->
//
// * series: twelve digits, or words such as "31 patches" where the id was not kept; `none` for what
//   no kernel has a part in.
// * command: what measured it; "" where each row of a table names its own in a column "command";
//   `none` where the text says that no command does.
// * A figure may have a key (results.h): in a comment behind it, or by its place in the block's
//   first table. `columns` has a word for each column after the first, '-' for one without keys;
//   "KEY;KEY" are the first two figures of a cell. {row} is the first cell, or the word of `rows`.
//
// <!-- settings --> to <!-- /settings --> are numbers that somebody chose.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::evidence {

inline constexpr std::string_view kNoSeries = "none";
inline constexpr std::string_view kNoCommand = "none";
inline constexpr std::string_view kCommandHead = "command";

// A number with a key; with an empty one, a number of a column '-'. Lines count from 1, columns are
// bytes from 0.
struct Figure {
  std::size_t line = 0;
  std::size_t column = 0;
  std::string text;  // "27,918" or "n/a"
  std::string key;
};

struct Block {
  std::size_t first_line = 0;  // the comment that opens it
  std::size_t text_line = 0;   // what follows the comment
  std::size_t last_line = 0;   // the comment that ends it
  std::string series;
  std::string command;
  std::vector<Figure> figures;

  [[nodiscard]] bool covers(std::size_t line) const {
    return first_line <= line && line <= last_line;
  }
};

enum class LineKind { kText, kCode, kMark, kMeasured, kSettings };

struct Page {
  std::string name;  // for messages: README.md
  std::vector<std::string> lines;
  std::vector<LineKind> kinds;  // of each line; kMark is a comment that opens or ends a block
  std::vector<Block> blocks;

  [[nodiscard]] std::string_view line(std::size_t number) const { return lines[number - 1]; }
};

// Refuses (kInput, with the line) a block that is not closed or not open, one in another, a member
// that is unknown or missing, and a table whose rows or columns are not as many as it says.
base::Result<Page> parse_page(std::string_view text, const std::string& name);

// The page's lines with a newline each.
std::string to_text(const Page& page);

// What is wrong at a line.
struct Problem {
  std::size_t line = 0;
  std::string text;
};

// Numbers that look measured (figure_text.h), outside of measured blocks and settings.
std::vector<Problem> without_source(const Page& page);

// Blocks of a series that is not `current` and of which a reader is not told: "series <id>", or
// "series of 31 patches", must stand in the block's text.
std::vector<Problem> silent_series(const Page& page, std::string_view current);

// Blocks that name no command, nor say so.
std::vector<Problem> without_command(const Page& page);

// What looks measured in a block and has no key, so that no result can replace it.
std::vector<Problem> without_key(const Page& page, const Block& block);

}  // namespace kairo::evidence
