// SPDX-License-Identifier: GPL-2.0-only
// The small text files of a run: `key value` lines and the scheduler's counters.
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/reports/run_data.h"

namespace kairo::reports {
using base::kBlank;
using base::split_lines;
using base::split_words;
using base::trim;

namespace {

// Adds `key value`, the value being the rest of the line; where it went, nullptr for a key that is
// there already.
std::string* add_line(TextMap& out, std::string_view line) {
  const auto space = line.find_first_of(kBlank);
  const std::string_view value =
      space == std::string_view::npos ? std::string_view{} : trim(line.substr(space));
  const auto [at, added] = out.emplace(line.substr(0, space), value);
  return added ? &at->second : nullptr;
}

base::Result<TextMap> parse_lines(std::string_view text, const std::string& source,
                                  bool several_lines) {
  TextMap out;
  std::string* last = nullptr;
  std::size_t number = 0;
  for (const std::string_view whole : split_lines(text)) {
    const std::string_view line = trim(whole);
    ++number;
    if (line.empty()) continue;
    const std::string_view word = line.substr(0, line.find_first_of(kBlank));
    const bool goes_on = several_lines && (word.ends_with(':') ||
                                           kBlank.find(whole.front()) != std::string_view::npos);
    if (goes_on && last == nullptr)
      return base::bad_input("{}:{}: goes on with no line before it (repeat this run)", source,
                             number);
    if (goes_on) {
      *last += fmt::format("{}{}", last->empty() ? "" : "\n", line);
      continue;
    }
    last = add_line(out, line);
    if (last == nullptr)
      return base::bad_input("{}:{}: '{}' appears twice (repeat this run)", source, number, word);
  }
  return out;
}

}  // namespace

base::Result<TextMap> parse_key_values(std::string_view text, const std::string& source) {
  return parse_lines(text, source, false);
}

base::Result<TextMap> parse_tunables(std::string_view text, const std::string& source) {
  return parse_lines(text, source, true);
}

std::string to_tunables_text(const TextMap& tunables) {
  std::string out;
  for (const auto& [key, value] : tunables) {
    out += key;
    const char* before = " ";
    for (const std::string_view line : split_lines(value)) {
      if (trim(line).empty()) continue;
      out += fmt::format("{}{}\n", before, trim(line));
      before = "\t";
    }
    if (*before == ' ') out += "\n";
  }
  return out;
}

base::Result<CounterTable> parse_counters(std::string_view text, const std::string& source) {
  CounterTable out;
  std::vector<std::string_view> columns;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    const std::vector<std::string_view> words = split_words(line);
    if (words.empty()) continue;
    if (columns.empty()) {
      if (words.front() != "class" || words.size() < 2)
        return base::bad_input("{}:{}: no header line 'class ...' (copy the debugfs file whole)",
                               source, number);
      columns = words;
      continue;
    }
    if (words.size() != columns.size() || !parse_class(words.front()))
      return base::bad_input("{}:{}: not a class and {} numbers (copy the debugfs file whole)",
                             source, number, columns.size() - 1);
    auto& row = out[std::string(words.front())];
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto value = base::parse_u64(words[i]);
      if (!value)
        return base::bad_input("{}:{}: '{}' is not a count (copy the debugfs file whole)", source,
                               number, words[i]);
      row[std::string(columns[i])] = *value;
    }
  }
  return out;
}

}  // namespace kairo::reports
