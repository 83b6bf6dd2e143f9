// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

// The formats of published request traces. A new one is a file in trace/src/formats with its
// FormatInfo, a line in formats.cc and one in trace/CMakeLists.txt; readers, options, messages and
// help follow from the table.
namespace kairo::trace {

// What two equal ids of a trace mean.
enum class BlockIds : std::uint8_t {
  kNone,     // the format has none: nothing tells which blocks are the same
  kPrefix,   // the same content behind the same prefix
  kContent,  // the same content; what is before it may differ
};

// What a line says, in the format's own terms. RequestReader checks the numbers.
struct Parsed {
  std::int64_t time_ns = 0;  // on any clock that runs evenly
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::vector<std::uint64_t> ids;
  std::optional<std::uint64_t> chat;         // names this request
  std::optional<std::uint64_t> parent_chat;  // the request before it in its conversation
  bool generated = false;                    // says that it is not from a real system
};

struct Line {
  std::string_view text;                     // without the line end
  std::span<const std::string> fields = {};  // of a CSV format: the values of its `columns`
};

struct FormatInfo {
  std::string_view name;   // for --format and reports
  std::string_view title;  // for messages
  BlockIds ids = BlockIds::kNone;
  // Tokens that an id names unless the user says otherwise; without ids, what a prompt is cut into.
  std::uint32_t block_tokens = 512;
  // The columns that a CSV format needs; others are left alone. Empty: one JSON object per line.
  std::span<const std::string_view> columns = {};
  // Whether a trace that begins with this line is one. The first format of the table that says yes
  // reads it.
  bool (*detect)(std::string_view first_line) = nullptr;
  // Messages name the field, not the file; the reader adds file and line.
  base::Result<Parsed> (*parse)(const Line& line) = nullptr;
};

// All formats, in the order in which detect() is asked.
std::span<const FormatInfo* const> formats();

// "mooncake, bailian, ..."
std::string format_names();

// By name; "auto" is nullptr, an unknown name is refused with the list of known ones.
base::Result<const FormatInfo*> find_format(std::string_view name);

}  // namespace kairo::trace
