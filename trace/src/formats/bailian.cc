// SPDX-License-Identifier: GPL-2.0-only
// Qwen-Bailian (alibaba-edu/qwen-bailian-usagetraces-anon): seconds, blocks of 16 tokens, hashed
// one by one, so that equal ids say nothing about what is before them. Each record names itself and
// the turn before it.
#include "formats.h"
#include "json_record.h"

namespace kairo::trace {
namespace {

using nlohmann::json;

constexpr std::string_view kTitle = "Bailian JSONL";
constexpr std::int64_t kSecond = 1'000'000'000;

bool detect(std::string_view first_line) {
  const json record = json::parse(first_line, nullptr, false);
  return record.is_object() && (record.contains("chat_id") || record.contains("parent_chat_id") ||
                                record.contains("turn"));
}

base::Result<Parsed> parse(const Line& line) {
  KAIRO_TRY(const auto record, json_record(line.text, kTitle));
  auto parsed = parse_request(record, kSecond, kTitle);
  if (!parsed) return parsed;
  KAIRO_TRY(const auto chat, json_field(record, "chat_id", kTitle));
  KAIRO_TRY(parsed->chat, json_count(*chat, "chat_id"));
  // -1 for the first turn, as is none at all.
  const auto parent = record.find("parent_chat_id");
  if (parent == record.end() || *parent == -1 || parent->is_null()) return parsed;
  KAIRO_TRY(parsed->parent_chat, json_count(*parent, "parent_chat_id"));
  return parsed;
}

}  // namespace

const FormatInfo kBailian = {.name = "bailian",
                             .title = kTitle,
                             .ids = BlockIds::kContent,
                             .block_tokens = 16,
                             .detect = detect,
                             .parse = parse};

}  // namespace kairo::trace
