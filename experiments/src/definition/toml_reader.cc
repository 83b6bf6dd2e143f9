// SPDX-License-Identifier: GPL-2.0-only
#include "definition/toml_reader.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"

namespace kairo::experiments {
namespace {

constexpr std::uint64_t kFileLimitBytes = 1 << 20;

const toml::table& empty_table() {
  static const toml::table kEmpty;
  return kEmpty;
}

}  // namespace

TomlFile::TomlFile(fs::path path) : path_(std::move(path)) {
  const auto content = base::read_file(path_, kFileLimitBytes);
  if (!content) {
    problem_ = content.error();
    return;
  }
  try {
    table_ = toml::parse(*content, path_.string());
  } catch (const toml::parse_error& error) {
    problem_ = {base::ErrorCode::kInput,
                fmt::format("{}:{}: {} (TOML syntax)", path_.string(), error.source().begin.line,
                            error.description())};
  }
}

void TomlFile::refuse(const std::string& what) {
  if (!problem_) problem_ = {base::ErrorCode::kInput, fmt::format("{}: {}", path_.string(), what)};
}

void TomlReader::refuse_text(std::string_view key, const std::string& what) const {
  const toml::node* const node = table_->get(key);
  const auto line = (node != nullptr ? node->source() : table_->source()).begin.line;
  if (!file_->problem_)
    file_->problem_ = {base::ErrorCode::kInput,
                       fmt::format("{}:{}: {}{}{}: {}", file_->path_.string(), line, name_,
                                   name_.empty() ? "" : ".", key, what)};
}

void TomlReader::only(const std::vector<std::string_view>& known) const {
  for (const auto& [key, value] : *table_)
    if (std::find(known.begin(), known.end(), key.str()) == known.end())
      refuse(key.str(), "unknown key (known: {})", fmt::join(known, ", "));
}

std::string TomlReader::text(std::string_view key) const {
  if (const auto value = (*table_)[key].value_exact<std::string>()) return *value;
  refuse(key, "{} (give a string)", has(key) ? "not a string" : "missing");
  return {};
}

std::string TomlReader::text_or(std::string_view key, std::string fallback) const {
  return has(key) ? text(key) : fallback;
}

std::uint64_t TomlReader::integer(std::string_view key, std::uint64_t low,
                                  std::uint64_t high) const {
  const auto value = (*table_)[key].value_exact<std::int64_t>();
  if (!value) {
    refuse(key, "{} (give a whole number from {} to {})",
           has(key) ? "not a whole number" : "missing", low, high);
    return low;
  }
  const auto out = static_cast<std::uint64_t>(*value);
  if (*value >= 0 && out >= low && out <= high) return out;
  refuse(key, "{} is out of range (from {} to {})", *value, low, high);
  return low;
}

std::uint64_t TomlReader::integer_or(std::string_view key, std::uint64_t low, std::uint64_t high,
                                     std::uint64_t fallback) const {
  return has(key) ? integer(key, low, high) : fallback;
}

std::optional<unsigned> TomlReader::maybe_integer(std::string_view key, std::uint64_t low,
                                                  std::uint64_t high) const {
  if (!has(key)) return std::nullopt;
  return static_cast<unsigned>(integer(key, low, high));
}

double TomlReader::number_or(std::string_view key, double low, double high, double fallback) const {
  if (!has(key)) return fallback;
  const auto value = (*table_)[key].value<double>();
  if (value && *value >= low && *value <= high) return *value;
  refuse(key, "give a number from {} to {}", low, high);
  return fallback;
}

double TomlReader::number(std::string_view key) const {
  if (const auto value = (*table_)[key].value<double>()) return *value;
  refuse(key, "{} (give a number)", has(key) ? "not a number" : "missing");
  return 0;
}

std::vector<std::string> TomlReader::texts(std::string_view key) const {
  if (!has(key)) return {};
  if (const auto one = (*table_)[key].value_exact<std::string>()) return {*one};
  std::vector<std::string> out;
  const toml::array* const array = (*table_)[key].as_array();
  if (array == nullptr) {
    refuse(key, "not a string or an array of strings");
    return out;
  }
  for (const toml::node& node : *array) {
    if (const auto one = node.value_exact<std::string>())
      out.push_back(*one);
    else
      refuse(key, "not every item is a string");
  }
  return out;
}

std::vector<TomlReader> TomlReader::table_or_tables(std::string_view key) const {
  const toml::table* const table = (*table_)[key].as_table();
  if (table == nullptr) return tables(key);
  return {{*file_, *table, name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key)}};
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) const {
  std::vector<TomlReader> out;
  if (!has(key)) return out;
  const toml::array* const array = (*table_)[key].as_array();
  if (array == nullptr || !array->is_array_of_tables()) {
    refuse(key, "not an array of tables (write [[{}]])", key);
    return out;
  }
  for (const toml::node& node : *array)
    out.emplace_back(*file_, *node.as_table(),
                     fmt::format("{}{}{}[{}]", name_, name_.empty() ? "" : ".", key, out.size()));
  return out;
}

TomlReader TomlReader::table(std::string_view key, std::string_view remedy) const {
  const toml::table* const table = (*table_)[key].as_table();
  if (table == nullptr) file_->refuse(fmt::format("no [{}] table ({})", key, remedy));
  return {*file_, table != nullptr ? *table : empty_table(), std::string(key)};
}

std::vector<std::pair<std::string, std::string>> TomlReader::settings(std::string_view key) const {
  std::vector<std::pair<std::string, std::string>> out;
  if (!has(key)) return out;
  const toml::table* const table = (*table_)[key].as_table();
  if (table == nullptr) {
    refuse(key, "not a table (write {{ name = value }})");
    return out;
  }
  for (const auto& [name, value] : *table) {
    if (const auto* const text = value.as_string())
      out.emplace_back(name.str(), text->get());
    else if (const auto* const number = value.as_integer())
      out.emplace_back(name.str(), std::to_string(number->get()));
    else if (const auto* const flag = value.as_boolean())
      out.emplace_back(name.str(), flag->get() ? "1" : "0");
    else
      refuse(key, "{} must be a string, a whole number or a boolean", name.str());
  }
  return out;
}

}  // namespace kairo::experiments
