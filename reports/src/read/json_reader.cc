// SPDX-License-Identifier: GPL-2.0-only
#include "read/json_reader.h"

#include <cmath>

namespace kairo::reports {
namespace {

constexpr int kMaxDepth = 64;

const Json& empty_object() {
  static const Json kEmpty = Json::object();
  return kEmpty;
}

// Depth of the brackets outside strings.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

std::size_t line_of(std::string_view text, std::size_t byte) {
  std::size_t line = 1;
  for (const char c : text.substr(0, byte)) line += c == '\n' ? 1 : 0;
  return line;
}

}  // namespace

base::Result<Json> parse_json(std::string_view text, const std::string& source,
                              std::size_t first_line) {
  if (too_deep(text))
    return base::bad_input("{}: nested deeper than {} levels (not a file of this project)", source,
                           kMaxDepth);
  // The library throws; it is stopped here.
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& problem) {
    const bool cut = problem.byte >= text.size();
    return base::bad_input("{}:{}: {} (restore the file or make it again)", source,
                           first_line - 1 + line_of(text, problem.byte),
                           cut ? "the JSON ends too early: truncated" : "not valid JSON");
  } catch (const Json::exception& problem) {
    return base::bad_input("{}: not usable JSON: {} (make the file again)", source, problem.what());
  }
}

JsonReader::JsonReader(const Json& value, JsonProblem* problem, std::string where)
    : value_(&value), problem_(problem), where_(std::move(where)) {
  if (value.is_object()) return;
  value_ = &empty_object();
  if (!failed())
    problem_->error = {base::ErrorCode::kInput,
                       fmt::format("{}: {}: not a JSON object ({})", problem_->source,
                                   where_.empty() ? "document" : where_, problem_->remedy)};
}

void JsonReader::refuse(const char* key, const std::string& what) const {
  refuse(key, what, problem_->remedy);
}

void JsonReader::refuse(const char* key, const std::string& what, const std::string& remedy) const {
  if (failed()) return;
  problem_->error = {base::ErrorCode::kInput,
                     fmt::format("{}: {}{}{}: {} ({})", problem_->source, where_,
                                 where_.empty() ? "" : ".", key, what, remedy)};
}

const Json* JsonReader::member(const char* key) const {
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

const Json* JsonReader::required(const char* key) const {
  const Json* const found = member(key);
  if (found == nullptr) refuse(key, "missing");
  return found;
}

bool JsonReader::has(const char* key) const {
  return member(key) != nullptr;
}

std::string JsonReader::text(const char* key) const {
  const Json* const found = required(key);
  if (found == nullptr) return {};
  if (found->is_string()) return found->get<std::string>();
  refuse(key, "not a string");
  return {};
}

std::uint64_t JsonReader::u64(const char* key) const {
  if (required(key) == nullptr) return 0;
  return maybe_u64(key).value_or(0);
}

std::optional<std::uint64_t> JsonReader::maybe_u64(const char* key) const {
  const Json* const found = member(key);
  if (found == nullptr) return std::nullopt;
  if (found->is_number_unsigned()) return found->get<std::uint64_t>();
  refuse(key, "not a whole number from 0 up");
  return std::nullopt;
}

double JsonReader::number(const char* key) const {
  const Json* const found = required(key);
  if (found == nullptr) return 0;
  if (found->is_number() && std::isfinite(found->get<double>())) return found->get<double>();
  refuse(key, "not a finite number");
  return 0;
}

bool JsonReader::flag(const char* key) const {
  if (required(key) == nullptr) return false;
  return maybe_flag(key).value_or(false);
}

std::optional<bool> JsonReader::maybe_flag(const char* key) const {
  const Json* const found = member(key);
  if (found == nullptr) return std::nullopt;
  if (found->is_boolean()) return found->get<bool>();
  refuse(key, "not true or false");
  return std::nullopt;
}

JsonReader JsonReader::object(const char* key) const {
  const Json* const found = required(key);
  std::string where = where_.empty() ? key : where_ + "." + key;
  return {found != nullptr ? *found : empty_object(), problem_, std::move(where)};
}

std::vector<JsonReader> JsonReader::objects(const char* key) const {
  const Json* const found = required(key);
  if (found == nullptr) return {};
  if (!found->is_array()) {
    refuse(key, "not an array");
    return {};
  }
  std::vector<JsonReader> out;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const std::string prefix = where_.empty() ? key : where_ + "." + key;
    out.emplace_back((*found)[i], problem_, fmt::format("{}[{}]", prefix, i));
  }
  return out;
}

TextMap JsonReader::text_map(const char* key) const {
  const Json* const found = member(key);
  if (found == nullptr) return {};
  if (!found->is_object()) {
    refuse(key, "not an object of strings");
    return {};
  }
  TextMap out;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string())
      out[name] = value.get<std::string>();
    else
      refuse(key, fmt::format("'{}' is not a string", name));
  }
  return out;
}

void JsonReader::expect_schema(const char* schema) const {
  const std::string found = text("schema");
  if (failed()) return;
  if (found != schema) refuse("schema", fmt::format("'{}' where '{}' belongs", found, schema));
  const std::uint64_t version = u64("version");
  if (version != 1)
    refuse("version",
           fmt::format("{}, this kairo reads version 1; use the kairo that made it", version));
}

JsonDocument::JsonDocument(std::string_view text, const std::string& source, const char* remedy,
                           const char* schema)
    : json_(Json::object()), problem_{source, remedy} {
  auto json = parse_json(text, source);
  if (!json) {
    problem_.error = json.error();
    return;
  }
  json_ = std::move(*json);
  top().expect_schema(schema);
}

}  // namespace kairo::reports
