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

base::Result<TextMap> parse_key_values(std::string_view text, const std::string& source) {
  TextMap out;
  std::size_t number = 0;
  for (const std::string_view whole : split_lines(text)) {
    const std::string_view line = trim(whole);
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
