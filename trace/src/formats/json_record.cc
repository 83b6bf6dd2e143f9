// SPDX-License-Identifier: GPL-2.0-only
#include "json_record.h"

#include <array>
#include <cmath>

#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::trace {

using nlohmann::json;

namespace {

constexpr double kExact = 9007199254740992.0;  // 2^53: whole doubles up to here are exact

// A value for a message. Lists and objects may be nested a million deep, and dump() recurses.
std::string shown(const json& value) {
  if (value.is_structured()) return std::string("of type ") + value.type_name();
  return base::excerpt(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

Result<json> json_record(std::string_view line, std::string_view title) {
  json record = json::parse(line, nullptr, false);
  if (record.is_discarded())
    return bad_input("'{}' is not JSON (one record per line)", base::excerpt(line));
  if (!record.is_object())
    return bad_input("'{}' is not a JSON object, which a record of {} is", base::excerpt(line),
                     title);
  return record;
}

Result<const json*> json_field(const json& record, const char* name, std::string_view title) {
  const auto field = record.find(name);
  if (field == record.end())
    return bad_input("the record has no \"{}\" (is it a trace in {}?)", name, title);
  return &*field;
}

Result<std::int64_t> json_time(const json& value, const char* name, std::int64_t unit_ns) {
  // Whole numbers stay whole: a double does not hold the nanoseconds since 1970.
  double whole = 0;
  double part = 0;
  if (value.is_number_float()) {
    part = std::modf(value.get<double>(), &whole);
  } else if (value.is_number_unsigned()) {
    whole = static_cast<double>(value.get<std::uint64_t>());
  } else if (value.is_number_integer()) {
    whole = static_cast<double>(value.get<std::int64_t>());
  } else {
    return bad_input("\"{}\" is {}, not a number", name, shown(value));
  }
  // The year 2248, if it counts from 1970; also where doubles are still exact.
  if (!(std::abs(whole) * static_cast<double>(unit_ns) < 0x1.0p43 * 1e6))
    return bad_input("\"{}\" {} is too large (it counts {})", name, shown(value),
                     unit_ns == 1'000'000 ? "milliseconds" : "seconds");
  return static_cast<std::int64_t>(whole) * unit_ns +
         std::llround(part * static_cast<double>(unit_ns));
}

Result<std::uint64_t> json_count(const json& value, const char* name) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number >= 0 && number <= kExact && number == std::floor(number))
      return static_cast<std::uint64_t>(number);
  }
  return bad_input("\"{}\" is {}, not a whole number from 0 on", name, shown(value));
}

Result<Parsed> parse_request(const json& record, std::int64_t unit_ns, std::string_view title) {
  constexpr std::array<const char*, 4> kFields = {"timestamp", "input_length", "output_length",
                                                  "hash_ids"};
  std::array<const json*, 4> field{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    KAIRO_TRY(field[i], json_field(record, kFields[i], title));
  }
  Parsed parsed;
  KAIRO_TRY(parsed.time_ns, json_time(*field[0], kFields[0], unit_ns));
  KAIRO_TRY(parsed.input_tokens, json_count(*field[1], kFields[1]));
  KAIRO_TRY(parsed.output_tokens, json_count(*field[2], kFields[2]));
  if (!field[3]->is_array()) return bad_input("\"hash_ids\" is {}, not a list", shown(*field[3]));
  parsed.ids.reserve(field[3]->size());
  for (const json& id : *field[3]) {
    if (!id.is_number_unsigned())
      return bad_input("hash id {} is not a whole number from 0 to 2^64 - 1", shown(id));
    parsed.ids.push_back(id.get<std::uint64_t>());
  }
  const auto generated = record.find("generated");
  parsed.generated = generated != record.end() && generated->is_boolean() && generated->get<bool>();
  return parsed;
}

}  // namespace kairo::trace
