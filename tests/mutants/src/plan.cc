// SPDX-License-Identifier: GPL-2.0-only
#include "plan.h"

#include <toml++/toml.h>
#include <algorithm>
#include <sstream>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::mutants {
namespace {

constexpr std::uint64_t kMaxBytes = 1U << 20;

// Reads one table after another of `[[key]]`. The first error sticks.
class Tables {
 public:
  static Result<Tables> open(const fs::path& file) {
    KAIRO_TRY(const auto text, base::read_file(file, kMaxBytes));
    try {
      return Tables(file, toml::parse(text, file.string()));
    } catch (const toml::parse_error& error) {
      std::ostringstream where;
      where << error.source().begin;
      return bad_input("{}: {} ({})", file.string(), error.description(), where.str());
    }
  }

  template <class Read>
  void each(std::string_view key, Read read) {
    const toml::array* const tables = root_[key].as_array();
    if (tables == nullptr) return;
    for (const toml::node& node : *tables) {
      table_ = node.as_table();
      where_ = fmt::format("{}, {} {}", file_.string(), key, ++number_);
      if (table_ == nullptr) refuse("is not a table");
      if (!error_.empty()) return;
      read();
    }
    number_ = 0;
  }

  std::string text(std::string_view key) {
    auto value = (*table_)[key].value<std::string>();
    if (!value) refuse(fmt::format("{} is missing or no text", key));
    return value.value_or("");
  }
  std::string text_or(std::string_view key) { return (*table_)[key].value_or(std::string()); }
  bool flag(std::string_view key) { return (*table_)[key].value_or(false); }
  std::size_t number(std::string_view key) {
    const auto value = (*table_)[key].value<std::int64_t>();
    if (!value || *value < 0) refuse(fmt::format("{} is missing or no whole number", key));
    return static_cast<std::size_t>(value.value_or(0));
  }
  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> out;
    if (const toml::array* const array = (*table_)[key].as_array())
      for (const toml::node& node : *array) out.push_back(node.value_or(std::string()));
    if (out.empty() || std::count(out.begin(), out.end(), "") != 0)
      refuse(fmt::format("{} is missing or no list of names", key));
    return out;
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  Tables(fs::path file, toml::table root) : file_(std::move(file)), root_(std::move(root)) {}
  void refuse(const std::string& why) {
    if (error_.empty()) error_ = fmt::format("{}: {} (see README.md there)", where_, why);
  }

  fs::path file_;
  toml::table root_;
  const toml::table* table_ = nullptr;
  std::size_t number_ = 0;
  std::string where_;
  std::string error_;
};

// The rest of the first line that begins with `key`.
std::string header(std::string_view text, std::string_view key) {
  for (const std::string_view line : base::split_lines(text))
    if (line.starts_with(key)) return std::string(base::trim(line.substr(key.size())));
  return {};
}

}  // namespace

Result<UserPlan> read_user_plan(const fs::path& file) {
  KAIRO_TRY(auto tables, Tables::open(file));
  UserPlan out;
  tables.each("area", [&] {
    out.areas.push_back(
        {tables.text("name"), tables.texts("files"), tables.texts("tests"), tables.number("draw")});
  });
  tables.each("equivalent", [&] {
    out.equivalents.push_back(
        {tables.text("file"), tables.text("before"), tables.text("after"), tables.text("reason")});
  });
  if (!tables.error().empty()) return bad_input("{}", tables.error());
  return out;
}

Result<std::vector<ChosenPatch>> read_chosen_patches(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(folder, status))
    if (entry.path().extension() == ".patch") files.push_back(entry.path());
  if (status) return bad_input("{}: {}", folder.string(), status.message());
  std::sort(files.begin(), files.end());
  std::vector<ChosenPatch> out;
  for (const fs::path& file : files) {
    KAIRO_TRY(const auto text, base::read_file(file, kMaxBytes));
    ChosenPatch patch{file.stem().string(), text, header(text, "Breaks:"), {}, {}};
    const std::string test = header(text, "Test:");
    const auto words = base::split_words(test);
    if (patch.breaks.empty() || words.empty())
      return bad_input(
          "{}: says not what it breaks or which test fails (begin it with lines "
          "`Breaks: WORDS` and `Test: PROGRAM TEST`)",
          file.string());
    patch.program = words[0];
    if (words.size() > 1) patch.test = words[1];
    out.push_back(std::move(patch));
  }
  return out;
}

Result<std::vector<KernelMutant>> read_kernel_plan(const fs::path& file) {
  KAIRO_TRY(auto tables, Tables::open(file));
  std::vector<KernelMutant> out;
  tables.each("mutant", [&] {
    out.push_back({static_cast<unsigned>(tables.number("number")), tables.flag("drawn"),
                   tables.text("where"), tables.text("breaks"), tables.text("program"),
                   tables.text("filter"), tables.text_or("equivalent")});
  });
  if (!tables.error().empty()) return bad_input("{}", tables.error());
  return out;
}

}  // namespace kairo::mutants
