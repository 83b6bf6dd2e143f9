// SPDX-License-Identifier: GPL-2.0-only
#include "csv.h"

#include <algorithm>

#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::trace {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Takes a quoted field, from behind its opening quote to behind its closing one, off `rest`.
Result<std::string> take_quoted(std::string_view& rest) {
  std::string out;
  for (;;) {
    const auto quote = rest.find('"');
    if (quote == std::string_view::npos)
      return bad_input("a quote is not closed before the end of the line");
    out += rest.substr(0, quote);
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) return out;
    out += '"';
    rest.remove_prefix(1);
  }
}

}  // namespace

Result<std::vector<std::string>> split_csv(std::string_view line) {
  std::vector<std::string> fields;
  for (std::string_view rest = line;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(base::kBlank), rest.size()));
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      KAIRO_TRY(auto field, take_quoted(rest));
      rest.remove_prefix(std::min(rest.find_first_not_of(base::kBlank), rest.size()));
      if (!rest.empty() && rest.front() != ',')
        return bad_input("'{}' follows a closing quote, where a comma belongs",
                         base::excerpt(rest));
      fields.push_back(std::move(field));
    } else {
      fields.emplace_back(base::trim(rest.substr(0, rest.find(','))));
      rest.remove_prefix(std::min(rest.find(','), rest.size()));
    }
    if (rest.empty()) return fields;
    rest.remove_prefix(1);
  }
}

bool has_column(std::string_view header, std::string_view column) {
  const auto fields = split_csv(header);
  return fields && std::find(fields->begin(), fields->end(), column) != fields->end();
}

Result<std::uint64_t> csv_count(std::string_view text, std::string_view column) {
  std::string_view whole = text;
  if (const auto point = text.find('.'); point != std::string_view::npos) {
    const std::string_view zeros = text.substr(point + 1);
    if (zeros.find_first_not_of('0') == std::string_view::npos) whole = text.substr(0, point);
  }
  if (const auto value = base::parse_u64(whole)) return *value;
  return bad_input("{} '{}' is not a whole number from 0 on", column, base::excerpt(text));
}

Result<Parsed> csv_request(const Result<std::int64_t>& time, const Line& line,
                           std::span<const std::string_view> columns) {
  if (!time) return base::fail(time.error());
  KAIRO_TRY(const auto input, csv_count(line.fields[1], columns[1]));
  KAIRO_TRY(const auto output, csv_count(line.fields[2], columns[2]));
  Parsed parsed;
  parsed.time_ns = *time;
  parsed.input_tokens = input;
  parsed.output_tokens = output;
  return parsed;
}

Result<std::uint64_t> fraction_ns(std::string_view text) {
  if (!all_digits(text)) return bad_input("'{}' is no decimal fraction", base::excerpt(text));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 9; ++i)
    value = value * 10 + (i < text.size() ? static_cast<std::uint64_t>(text[i] - '0') : 0);
  return value;
}

}  // namespace kairo::trace
