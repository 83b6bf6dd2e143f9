// SPDX-License-Identifier: GPL-2.0-only
#include "outcome.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"

namespace kairo::mutants {

// Found by the type's namespace, so it cannot be in an unnamed one.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Outcome, id, origin, where, what, result, by, commit, seconds)

namespace {

// A cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

}  // namespace

bool is_bad(const Outcome& outcome) {
  return outcome.result == "survived" || outcome.result == "broken";
}

Result<Record> Record::open(const std::filesystem::path& folder, const std::string& name,
                            bool resume) {
  Record out(folder, name);
  KAIRO_CHECK(base::make_directory(folder));
  const auto file = folder / (name + ".json");
  if (!resume || !std::filesystem::exists(file)) return out;
  KAIRO_TRY(const auto text, base::read_file(file, 64U << 20));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  try {
    out.earlier_ = json.get<std::vector<Outcome>>();
  } catch (const nlohmann::json::exception& error) {
    return base::bad_input("{}: {} (run without --resume)", file.string(), error.what());
  }
  std::erase_if(out.earlier_, is_bad);
  return out;
}

const Outcome* Record::find(const std::string& id) const {
  const auto found = std::find_if(earlier_.begin(), earlier_.end(),
                                  [&](const Outcome& outcome) { return outcome.id == id; });
  return found == earlier_.end() ? nullptr : &*found;
}

Status Record::add(Outcome outcome) {
  std::printf("%-16s %s: %s%s%s\n", outcome.result.c_str(), outcome.where.c_str(),
              outcome.what.c_str(), outcome.by.empty() ? "" : "\n                 by ",
              outcome.by.c_str());
  std::fflush(stdout);
  outcomes_.push_back(std::move(outcome));
  // What an interrupted run had is not lost: the earlier outcomes that were not met yet stay.
  std::vector<Outcome> all = outcomes_;
  for (const Outcome& old : earlier_) {
    const bool met = std::any_of(outcomes_.begin(), outcomes_.end(),
                                 [&](const Outcome& now) { return now.id == old.id; });
    if (!met) all.push_back(old);
  }
  return base::write_file(folder_ / (name_ + ".json"), nlohmann::json(all).dump(1) + "\n");
}

Result<int> Record::finish() const {
  std::string table = "| result | origin | where | what | by |\n|---|---|---|---|---|\n";
  std::map<std::string, std::size_t> counts;
  for (const Outcome& outcome : outcomes_) {
    ++counts[outcome.result];
    table += fmt::format("| {} | {} | {} | {} | {} |\n", outcome.result, outcome.origin,
                         outcome.where, cell(outcome.what), cell(outcome.by));
  }
  const auto file = folder_ / (name_ + ".md");
  KAIRO_CHECK(base::write_file(file, table));
  std::printf("%s: %zu mutants", file.c_str(), outcomes_.size());
  for (const auto& [result, count] : counts) std::printf(", %zu %s", count, result.c_str());
  std::printf("\n");
  const bool bad = std::any_of(outcomes_.begin(), outcomes_.end(), is_bad);
  return bad ? static_cast<int>(base::ErrorCode::kShort) : 0;
}

}  // namespace kairo::mutants
