// SPDX-License-Identifier: GPL-2.0-only
// BurstGPT (HPMLL/BurstGPT): seconds since the first midnight, one row per request of all its
// models. A request that failed has no response tokens. No block ids.
#include <array>

#include "csv.h"
#include "formats.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::trace {
namespace {

constexpr std::array<std::string_view, 3> kColumns = {"Timestamp", "Request tokens",
                                                      "Response tokens"};
constexpr std::uint64_t kMaxSeconds = 1ULL << 33;  // 272 years

Result<std::int64_t> parse_time(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = base::parse_u64(text.substr(0, point));
  Result<std::uint64_t> part = 0;
  if (point != std::string_view::npos) part = fraction_ns(text.substr(point + 1));
  if (!whole || !part || *whole > kMaxSeconds)
    return bad_input("Timestamp '{}' is not a number of seconds, like 45 or 45.25",
                     base::excerpt(text));
  return static_cast<std::int64_t>(*whole * 1'000'000'000 + *part);
}

bool detect(std::string_view first_line) {
  return has_column(first_line, kColumns[1]);
}

Result<Parsed> parse(const Line& line) {
  return csv_request(parse_time(line.fields[0]), line, kColumns);
}

}  // namespace

const FormatInfo kBurstGpt = {.name = "burstgpt",
                              .title = "BurstGPT CSV",
                              .columns = kColumns,
                              .detect = detect,
                              .parse = parse};

}  // namespace kairo::trace
