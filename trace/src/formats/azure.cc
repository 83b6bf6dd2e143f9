// SPDX-License-Identifier: GPL-2.0-only
// Azure LLM inference (Azure/AzurePublicDataset): 2023 without an offset, 2024 with +00:00 and
// fractions only where they are not zero, 2025 with a column of images. No block ids.
#include <array>

#include "csv.h"
#include "formats.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::trace {
namespace {

constexpr std::array<std::string_view, 3> kColumns = {"TIMESTAMP", "ContextTokens",
                                                      "GeneratedTokens"};

// `count` decimal digits of `text` from `at` on.
std::optional<std::int64_t> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Days since 0000-03-01 of the proleptic Gregorian calendar.
std::int64_t day_number(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t m = month <= 2 ? month + 9 : month - 3;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

// Takes what stands for the time zone off the end: nothing or Z, +02, -0530, +02:00. Seconds east
// of UTC; nothing when it is none of these.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (text.ends_with('Z')) {
    text.remove_suffix(1);
    return 0;
  }
  const auto sign = text.find_last_of("+-");
  if (sign == std::string_view::npos || sign < 19) return 0;  // before that, the date has its own
  const std::string_view zone = text.substr(sign + 1);
  const auto hours = digits(zone, 0, 2);
  std::optional<std::int64_t> minutes = 0;
  if (zone.size() == 4) minutes = digits(zone, 2, 2);
  if (zone.size() == 5) minutes = zone[2] == ':' ? digits(zone, 3, 2) : std::nullopt;
  const bool known = zone.size() == 2 || zone.size() == 4 || zone.size() == 5;
  if (!known || !hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = (*hours * 60 + *minutes) * 60;
  const bool east = text[sign] == '+';
  text = text.substr(0, sign);
  return east ? seconds : -seconds;
}

// 2023-11-16 18:17:03.9799600+00:00, fraction and time zone optional; UTC without one.
Result<std::int64_t> parse_time(std::string_view text) {
  std::string_view rest = text;
  const auto offset = take_offset(rest);
  if (!offset)
    return bad_input("TIMESTAMP '{}' has an offset from UTC that is not like +02:00 or -0530",
                     base::excerpt(text));
  const auto year = digits(rest, 0, 4), month = digits(rest, 5, 2), day = digits(rest, 8, 2),
             hour = digits(rest, 11, 2), minute = digits(rest, 14, 2), second = digits(rest, 17, 2);
  const bool shape = year && month && day && hour && minute && second && rest[4] == '-' &&
                     rest[7] == '-' && (rest[10] == ' ' || rest[10] == 'T') && rest[13] == ':' &&
                     rest[16] == ':';
  if (!shape || *year < 1970 || *year > 2200 || *month < 1 || *month > 12 || *day < 1 ||
      *day > 31 || *hour > 23 || *minute > 59 || *second > 60)
    return bad_input("TIMESTAMP '{}' is not like 2023-11-16 18:17:03.9799600+00:00",
                     base::excerpt(text));
  std::uint64_t fraction = 0;
  if (rest.size() > 19) {
    const auto parsed = fraction_ns(rest.substr(20));
    if (rest[19] != '.' || !parsed)
      return bad_input(
          "TIMESTAMP '{}' goes on with '{}', which is neither a fraction nor an offset",
          base::excerpt(text), base::excerpt(rest.substr(19)));
    fraction = *parsed;
  }
  const std::int64_t days = day_number(*year, *month, *day) - day_number(1970, 1, 1);
  const std::int64_t seconds = ((days * 24 + *hour) * 60 + *minute) * 60 + *second - *offset;
  return seconds * 1'000'000'000 + static_cast<std::int64_t>(fraction);
}

bool detect(std::string_view first_line) {
  return has_column(first_line, kColumns[0]);
}

Result<Parsed> parse(const Line& line) {
  return csv_request(parse_time(line.fields[0]), line, kColumns);
}

}  // namespace

const FormatInfo kAzure = {
    .name = "azure", .title = "Azure CSV", .columns = kColumns, .detect = detect, .parse = parse};

}  // namespace kairo::trace
