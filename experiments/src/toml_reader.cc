// SPDX-License-Identifier: GPL-2.0-only
#include "toml_reader.h"

#include <algorithm>

#include "kairo/base/files.h"
#include "results.h"

namespace kairo::experiments {
namespace {

constexpr std::uint64_t kFileLimitBytes = 1 << 20;

std::string quoted_list(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

}  // namespace

Result<toml::table> parse_toml(const std::filesystem::path& file) {
  const auto content = base::read_file(file, kFileLimitBytes);
  if (!content) return base::fail(content.error());
  try {
    return toml::parse(*content, file.string());
  } catch (const toml::parse_error& error) {
    return bad_input("{}:{}: {} (TOML syntax)", file.string(), error.source().begin.line,
                     error.description());
  }
}

std::string TomlReader::where(std::string_view key) const {
  const toml::node* const node = table_.get(key);
  const auto line = (node != nullptr ? node->source() : table_.source()).begin.line;
  return fmt::format("{}:{}: {}{}{}", file_.string(), line, name_, name_.empty() ? "" : ".", key);
}

Status TomlReader::only(const std::vector<std::string_view>& known) const {
  for (const auto& [key, value] : table_) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end())
      return bad_input("{}: unknown key (known: {})", where(key.str()), quoted_list(known));
  }
  return {};
}

Result<std::string> TomlReader::text(std::string_view key) const {
  const auto value = table_[key].value_exact<std::string>();
  if (!value)
    return bad_input("{}: {} (give a string)", where(key), has(key) ? "not a string" : "missing");
  return *value;
}

Result<std::string> TomlReader::text_or(std::string_view key, std::string fallback) const {
  if (!has(key)) return fallback;
  return text(key);
}

Result<std::uint64_t> TomlReader::integer(std::string_view key, std::uint64_t low,
                                          std::uint64_t high) const {
  const auto value = table_[key].value_exact<std::int64_t>();
  if (!value)
    return bad_input("{}: {} (give a whole number from {} to {})", where(key),
                     has(key) ? "not a whole number" : "missing", low, high);
  if (*value < 0 || static_cast<std::uint64_t>(*value) < low ||
      static_cast<std::uint64_t>(*value) > high)
    return bad_input("{}: {} is out of range (from {} to {})", where(key), *value, low, high);
  return static_cast<std::uint64_t>(*value);
}

Result<std::uint64_t> TomlReader::integer_or(std::string_view key, std::uint64_t low,
                                             std::uint64_t high, std::uint64_t fallback) const {
  if (!has(key)) return fallback;
  return integer(key, low, high);
}

Result<double> TomlReader::number_or(std::string_view key, double low, double high,
                                     double fallback) const {
  if (!has(key)) return fallback;
  const auto value = table_[key].value<double>();
  if (!value || !(*value >= low && *value <= high))
    return bad_input("{}: give a number from {} to {}", where(key), low, high);
  return *value;
}

Result<double> TomlReader::number(std::string_view key) const {
  const auto value = table_[key].value<double>();
  if (!value)
    return bad_input("{}: {} (give a number)", where(key), has(key) ? "not a number" : "missing");
  return *value;
}

Result<std::vector<std::string>> TomlReader::texts(std::string_view key) const {
  std::vector<std::string> out;
  if (!has(key)) return out;
  if (const auto one = table_[key].value_exact<std::string>()) {
    out.push_back(*one);
    return out;
  }
  const toml::array* const array = table_[key].as_array();
  if (array == nullptr) return bad_input("{}: not a string or an array of strings", where(key));
  for (const toml::node& node : *array) {
    const auto one = node.value_exact<std::string>();
    if (!one) return bad_input("{}: not every item is a string", where(key));
    out.push_back(*one);
  }
  return out;
}

Result<std::vector<TomlReader>> TomlReader::table_or_tables(std::string_view key) const {
  const toml::table* const table = table_[key].as_table();
  if (table == nullptr) return tables(key);
  std::vector<TomlReader> out;
  out.emplace_back(file_, *table,
                   name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key));
  return out;
}

Result<std::vector<TomlReader>> TomlReader::tables(std::string_view key) const {
  std::vector<TomlReader> out;
  if (!has(key)) return out;
  const toml::array* const array = table_[key].as_array();
  if (array == nullptr || !array->is_array_of_tables())
    return bad_input("{}: not an array of tables (write [[{}]])", where(key), key);
  for (const toml::node& node : *array)
    out.emplace_back(file_, *node.as_table(),
                     fmt::format("{}{}{}[{}]", name_, name_.empty() ? "" : ".", key, out.size()));
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> TomlReader::settings(
    std::string_view key) const {
  std::vector<std::pair<std::string, std::string>> out;
  if (!has(key)) return out;
  const toml::table* const table = table_[key].as_table();
  if (table == nullptr) return bad_input("{}: not a table (write {{ name = value }})", where(key));
  for (const auto& [name, value] : *table) {
    if (const auto* const text = value.as_string()) {
      out.emplace_back(name.str(), text->get());
    } else if (const auto* const number = value.as_integer()) {
      out.emplace_back(name.str(), std::to_string(number->get()));
    } else if (const auto* const flag = value.as_boolean()) {
      out.emplace_back(name.str(), flag->get() ? "1" : "0");
    } else {
      return bad_input("{}: {} must be a string, a whole number or a boolean", where(key),
                       name.str());
    }
  }
  return out;
}

}  // namespace kairo::experiments
