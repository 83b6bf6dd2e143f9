// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/trace/format.h"

// What the formats with a JSON object per line share.
namespace kairo::trace {

// The line as an object. `title` names the format in messages.
base::Result<nlohmann::json> json_record(std::string_view line, std::string_view title);

// A field that must be there.
base::Result<const nlohmann::json*> json_field(const nlohmann::json& record, const char* name,
                                               std::string_view title);

// A number of units of `unit_ns` each, also a negative or broken one, to the nanosecond.
base::Result<std::int64_t> json_time(const nlohmann::json& value, const char* name,
                                     std::int64_t unit_ns);

// A whole number from 0 on; 700.0 is one.
base::Result<std::uint64_t> json_count(const nlohmann::json& value, const char* name);

// timestamp, input_length, output_length and hash_ids, which both formats have, and `generated`.
base::Result<Parsed> parse_request(const nlohmann::json& record, std::int64_t unit_ns,
                                   std::string_view title);

}  // namespace kairo::trace
