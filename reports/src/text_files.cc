// SPDX-License-Identifier: GPL-2.0-only
// The small text files of a run: `key value` lines and the scheduler's counters.
#include "kairo/base/units.h"
#include "kairo/reports/run_data.h"

namespace kairo::reports {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.push_back(trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::vector<std::string_view> split_words(std::string_view line) {
  std::vector<std::string_view> out;
  for (line = trim(line); !line.empty(); line = trim(line)) {
    const auto end = std::min(line.find_first_of(kBlank), line.size());
    out.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return out;
}

}  // namespace

base::Result<TextMap> parse_key_values(std::string_view text, const std::string& source) {
  TextMap out;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (line.empty()) continue;
    const auto space = line.find_first_of(kBlank);
    const std::string key(line.substr(0, space));
    const std::string_view value =
        space == std::string_view::npos ? std::string_view{} : trim(line.substr(space));
    if (!out.emplace(key, value).second)
      return base::bad_input("{}:{}: '{}' appears twice (repeat this run)", source, number, key);
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
