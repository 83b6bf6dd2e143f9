// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <utility>

#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/reports/time_series.h"

namespace kairo::reports {

using base::split_lines;
using base::split_words;

namespace {

constexpr std::size_t kMaxSeries = 256;

// One sample, by series name.
struct Values {
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> words;
};

bool is_number(std::string_view word) {
  return base::parse_double(word).has_value();
}

// `name key=1 other=2`: the words in front name the row.
void read_assignments(const std::vector<std::string_view>& words, Values& out) {
  std::string row;
  for (const std::string_view word : words) {
    const auto equals = word.find('=');
    if (equals == std::string_view::npos) {
      if (row.empty()) row = std::string(word) + ".";
      continue;
    }
    if (const auto value = base::parse_double(word.substr(equals + 1)))
      out.numbers.emplace(row + std::string(word.substr(0, equals)), *value);
  }
}

Values read_sample(const std::vector<std::string_view>& lines) {
  Values out;
  std::vector<std::string_view> header;
  bool first = true;
  for (const std::string_view line : lines) {
    const std::vector<std::string_view> words = split_words(line);
    if (words.size() < 2) continue;
    const bool may_be_header = std::exchange(first, false);
    if (line.find('=') != std::string_view::npos) {
      read_assignments(words, out);
    } else if (may_be_header && std::none_of(words.begin(), words.end(), is_number)) {
      header = words;
    } else if (!header.empty() && words.size() == header.size()) {
      for (std::size_t i = 1; i < words.size(); ++i)
        if (const auto value = base::parse_double(words[i]))
          out.numbers.emplace(fmt::format("{}.{}", words.front(), header[i]), *value);
    } else if (words.size() == 2 && is_number(words[1])) {
      out.numbers.emplace(words[0], *base::parse_double(words[1]));
    } else if (words.size() == 2) {
      out.words.emplace(words[0], words[1]);
    }
  }
  return out;
}

class Builder {
 public:
  base::Status add(double at_s, const std::vector<std::string_view>& lines) {
    const std::size_t before = file_.at_s.size();
    const Values values = read_sample(lines);
    add_to(file_.series, values.numbers, before);
    add_to(file_.words, values.words, before);
    file_.at_s.push_back(at_s);
    for (auto& [name, column] : file_.series) column.resize(file_.at_s.size());
    for (auto& [name, column] : file_.words) column.resize(file_.at_s.size());
    if (file_.series.size() + file_.words.size() > kMaxSeries)
      return base::bad_input("more than {} series", kMaxSeries);
    return {};
  }
  template <class Columns, class Sample>
  static void add_to(Columns& columns, const Sample& sample, std::size_t before) {
    for (const auto& [name, value] : sample) {
      auto& column = columns[name];
      column.resize(before);  // not there in earlier samples
      column.emplace_back(value);
    }
  }
  SampledFile take() { return std::move(file_); }

 private:
  SampledFile file_;
};

}  // namespace

base::Result<SampledFile> parse_samples(std::string_view text, std::uint64_t begin_ns,
                                        const std::string& source) {
  Builder builder;
  std::vector<std::string_view> lines;
  std::optional<std::uint64_t> at;
  const auto flush = [&]() -> base::Status {
    if (!at) return {};
    const double seconds = (static_cast<double>(*at) - static_cast<double>(begin_ns)) / 1e9;
    auto added = builder.add(seconds, lines);
    lines.clear();
    return added;
  };
  std::size_t number = 0;
  for (const std::string_view whole : split_lines(text)) {
    const std::string_view line = base::trim(whole);
    ++number;
    if (!line.starts_with("@ ")) {
      if (!at && !line.empty())
        return base::bad_input("{}:{}: no line '@ TIME' in front (not a sampled file)", source,
                               number);
      lines.push_back(line);
      continue;
    }
    const auto time = base::parse_u64(line.substr(2));
    if (!time || (at && *time < *at))
      return base::bad_input("{}:{}: '{}' is no time after the one before (repeat this run)",
                             source, number, line.substr(0, 40));
    if (auto done = flush(); !done) return base::fail(done.error(), source);
    at = time;
  }
  if (auto done = flush(); !done) return base::fail(done.error(), source);
  return builder.take();
}

}  // namespace kairo::reports
