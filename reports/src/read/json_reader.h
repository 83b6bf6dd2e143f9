// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/reports/result_folder.h"

namespace kairo::reports {

using Json = nlohmann::json;

// Parses one JSON document. Refuses text deeper than 64 levels: nothing we read is.
// Messages count lines from `first_line`, where the text begins in its file.
base::Result<Json> parse_json(std::string_view text, const std::string& source,
                              std::size_t first_line = 1);

// The document being read and the first thing that was wrong with it.
struct JsonProblem {
  std::string source;  // file name
  std::string remedy;  // what to do about a broken file
  std::optional<base::Error> error = {};
};

// Reads the members of one JSON object. The first problem is kept in the JsonProblem and every
// later read returns an empty value, so a parser reads straight through and asks once at the end.
// Both the JSON and the JsonProblem must outlive the reader.
class JsonReader {
 public:
  JsonReader(const Json& value, JsonProblem* problem, std::string where = {});

  [[nodiscard]] bool has(const char* key) const;

  // Required members: absent or of another type is a problem.
  [[nodiscard]] std::string text(const char* key) const;
  [[nodiscard]] std::uint64_t u64(const char* key) const;
  [[nodiscard]] double number(const char* key) const;
  [[nodiscard]] bool flag(const char* key) const;
  [[nodiscard]] JsonReader object(const char* key) const;
  [[nodiscard]] std::vector<JsonReader> objects(const char* key) const;

  // Absent or null gives nullopt (an empty map); another type is a problem.
  [[nodiscard]] std::optional<std::uint64_t> maybe_u64(const char* key) const;
  [[nodiscard]] std::optional<bool> maybe_flag(const char* key) const;
  [[nodiscard]] TextMap text_map(const char* key) const;

  // Notes a problem with the member `key`; with a remedy of its own when the document's is none.
  void refuse(const char* key, const std::string& what) const;
  void refuse(const char* key, const std::string& what, const std::string& remedy) const;

  // Checks the members `schema` and `version` (1).
  void expect_schema(const char* schema) const;

  [[nodiscard]] const Json& json() const { return *value_; }
  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] bool failed() const { return problem_->error.has_value(); }

 private:
  [[nodiscard]] const Json* member(const char* key) const;
  [[nodiscard]] const Json* required(const char* key) const;

  const Json* value_;
  JsonProblem* problem_;
  std::string where_;
};

// A document of this project, with its schema checked. What cannot be parsed is its problem, and
// its readers find nothing in it. Stays where it is: readers point to it.
class JsonDocument {
 public:
  JsonDocument(std::string_view text, const std::string& source, const char* remedy,
               const char* schema);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  [[nodiscard]] JsonReader top() { return {json_, &problem_}; }

  // `value`, or the first problem.
  template <class T>
  [[nodiscard]] base::Result<T> result(T value) const {
    if (problem_.error) return base::fail(*problem_.error);
    return value;
  }

 private:
  Json json_;
  JsonProblem problem_;
};

}  // namespace kairo::reports
