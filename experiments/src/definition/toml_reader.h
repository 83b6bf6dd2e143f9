// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::experiments {

class TomlFile;

// Typed access to one table of a TOML file. The first problem is kept in the TomlFile and every
// later read returns an empty or harmless value, so that a parser reads straight through and asks
// once at the end. A problem names the file, the line and the key, and says what would be accepted.
// The TomlFile must outlive the reader.
class TomlReader {
 public:
  TomlReader(TomlFile& file, const toml::table& table, std::string name)
      : file_(&file), table_(&table), name_(std::move(name)) {}

  // Refuses keys that are not in `known`: a misspelt key must not be a silent default.
  void only(const std::vector<std::string_view>& known) const;

  [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }

  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string text_or(std::string_view key, std::string fallback) const;
  [[nodiscard]] std::uint64_t integer(std::string_view key, std::uint64_t low,
                                      std::uint64_t high) const;
  [[nodiscard]] std::uint64_t integer_or(std::string_view key, std::uint64_t low,
                                         std::uint64_t high, std::uint64_t fallback) const;
  [[nodiscard]] std::optional<unsigned> maybe_integer(std::string_view key, std::uint64_t low,
                                                      std::uint64_t high) const;
  [[nodiscard]] double number_or(std::string_view key, double low, double high,
                                 double fallback) const;
  // A number of any sign and size, required.
  [[nodiscard]] double number(std::string_view key) const;
  // A string or an array of strings; absent means empty.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  // A table or an array of tables; absent means empty.
  [[nodiscard]] std::vector<TomlReader> table_or_tables(std::string_view key) const;
  // An array of tables; absent means empty.
  [[nodiscard]] std::vector<TomlReader> tables(std::string_view key) const;
  // A table; absent is a problem of the file, with that remedy.
  [[nodiscard]] TomlReader table(std::string_view key, std::string_view remedy) const;
  // The table `key` as name -> value text (strings, integers and booleans); absent means empty.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> settings(
      std::string_view key) const;

  // "file:line: table.key: what is wrong (what to do)", about the meaning of a value.
  template <class... Args>
  void refuse(std::string_view key, fmt::format_string<Args...> what, Args&&... args) const {
    refuse_text(key, fmt::format(what, std::forward<Args>(args)...));
  }

 private:
  void refuse_text(std::string_view key, const std::string& what) const;

  TomlFile* file_;
  const toml::table* table_;
  std::string name_;
};

// A TOML file and the first thing that was wrong with it, its syntax among that. Stays where it is:
// readers point to it.
class TomlFile {
 public:
  explicit TomlFile(std::filesystem::path path);
  TomlFile(const TomlFile&) = delete;
  TomlFile& operator=(const TomlFile&) = delete;

  [[nodiscard]] TomlReader top() { return {*this, table_, ""}; }

  // Of the file as a whole: "file: what".
  void refuse(const std::string& what);

  // `value`, or the first problem.
  template <class T>
  [[nodiscard]] base::Result<T> result(T value) const {
    if (problem_) return base::fail(*problem_);
    return value;
  }

 private:
  friend class TomlReader;

  std::filesystem::path path_;
  toml::table table_;
  std::optional<base::Error> problem_;
};

}  // namespace kairo::experiments
