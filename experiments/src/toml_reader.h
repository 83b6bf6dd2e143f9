// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::experiments {

// Parses a TOML file. A syntax error names file and line.
base::Result<toml::table> parse_toml(const std::filesystem::path& file);

// Typed access to one table of a TOML file. Every error names the file, the line and the key, and
// says what would be accepted. The table must outlive the reader.
class TomlReader {
 public:
  TomlReader(std::filesystem::path file, const toml::table& table, std::string name)
      : file_(std::move(file)), table_(table), name_(std::move(name)) {}

  // Refuses keys that are not in `known`: a misspelt key must not be a silent default.
  [[nodiscard]] base::Status only(const std::vector<std::string_view>& known) const;

  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }

  [[nodiscard]] base::Result<std::string> text(std::string_view key) const;
  [[nodiscard]] base::Result<std::string> text_or(std::string_view key, std::string fallback) const;
  [[nodiscard]] base::Result<std::uint64_t> integer(std::string_view key, std::uint64_t low,
                                                    std::uint64_t high) const;
  [[nodiscard]] base::Result<std::uint64_t> integer_or(std::string_view key, std::uint64_t low,
                                                       std::uint64_t high,
                                                       std::uint64_t fallback) const;
  [[nodiscard]] base::Result<double> number_or(std::string_view key, double low, double high,
                                               double fallback) const;
  // A number of any sign and size, required.
  [[nodiscard]] base::Result<double> number(std::string_view key) const;
  // A string or an array of strings; absent means empty.
  [[nodiscard]] base::Result<std::vector<std::string>> texts(std::string_view key) const;
  // A table or an array of tables; absent means empty.
  [[nodiscard]] base::Result<std::vector<TomlReader>> table_or_tables(std::string_view key) const;
  // An array of tables; absent means empty.
  [[nodiscard]] base::Result<std::vector<TomlReader>> tables(std::string_view key) const;
  // The table `key` as name -> value text (strings, integers and booleans); absent means empty.
  [[nodiscard]] base::Result<std::vector<std::pair<std::string, std::string>>> settings(
      std::string_view key) const;

  // "file:line: table.key: " for errors about the meaning of a value.
  [[nodiscard]] std::string where(std::string_view key) const;

 private:
  std::filesystem::path file_;
  const toml::table& table_;
  std::string name_;
};

}  // namespace kairo::experiments
