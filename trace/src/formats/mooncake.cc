// SPDX-License-Identifier: GPL-2.0-only
// Mooncake (kvcache-ai/Mooncake, FAST25-release/traces): milliseconds, blocks of 512 tokens, an id
// stands for a block and all that is before it.
#include "formats.h"
#include "json_record.h"

namespace kairo::trace {
namespace {

constexpr std::string_view kTitle = "Mooncake JSONL";
constexpr std::int64_t kMillisecond = 1'000'000;

bool detect(std::string_view first_line) {
  const std::size_t first = first_line.find_first_not_of(" \t");
  return first != std::string_view::npos && first_line[first] == '{';
}

base::Result<Parsed> parse(const Line& line) {
  KAIRO_TRY(const auto record, json_record(line.text, kTitle));
  // Read as milliseconds, Bailian's seconds would make a minute of 60 ms, and nothing would show
  // it.
  for (const char* const field : {"chat_id", "parent_chat_id", "turn"})
    if (record.contains(field))
      return base::bad_input(
          "\"{}\" is a field of Bailian's records, which count in seconds (leave --format out or "
          "give --format bailian; if these are milliseconds, remove the field)",
          field);
  return parse_request(record, kMillisecond, kTitle);
}

}  // namespace

const FormatInfo kMooncake = {.name = "mooncake",
                              .title = kTitle,
                              .ids = BlockIds::kPrefix,
                              .block_tokens = 512,
                              .detect = detect,
                              .parse = parse};

}  // namespace kairo::trace
