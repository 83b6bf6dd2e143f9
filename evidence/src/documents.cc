// SPDX-License-Identifier: GPL-2.0-only
#include "documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "kairo/base/files.h"
#include "kairo/base/units.h"
#include "kairo/evidence/commands.h"
#include "kairo/evidence/compare.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"

namespace kairo::evidence {
namespace {

namespace fs = std::filesystem;

// Those of the root, all of docs/, and the README.md of every folder.
std::vector<fs::path> pages_of_tree(const fs::path& source) {
  std::vector<fs::path> below;
  std::error_code status;
  for (const char* folder : {"docs", "experiments", "kernel", "tests", "tracing"})
    for (fs::recursive_directory_iterator it(source / folder, status), end; !status && it != end;
         it.increment(status))
      if (it->path().filename() == "README.md" ||
          (it->path().extension() == ".md" && it->path().parent_path() == source / "docs"))
        below.push_back(it->path());
  std::sort(below.begin(), below.end());
  std::vector<fs::path> out;
  for (const char* file : {"README.md", "CONTRIBUTING.md"})
    if (fs::exists(source / file)) out.push_back(source / file);
  out.insert(out.end(), below.begin(), below.end());
  return out;
}

// As a person in the tree would name it.
std::string name_of(const fs::path& file) {
  const fs::path inside =
      fs::absolute(file).lexically_normal().lexically_relative(base::data_dir().lexically_normal());
  return inside.empty() || *inside.begin() == ".." ? file.string() : inside.string();
}

// ctest's files of the build that this program is of; empty where it was installed.
fs::path build_of_program() {
  const auto file = base::find_beside_program({"../CTestTestfile.cmake"}, "all");
  return file ? file->parent_path() : fs::path();
}

// The reports that the block's command makes; none where one of its experiments is not among them.
std::vector<ResultReport> reports_of(const Block& block, const std::vector<ResultReport>& reports) {
  std::vector<ResultReport> out;
  std::set<std::string> missing;
  for (const std::string& name : experiments_of(block.command)) missing.insert(name);
  const std::set<std::string> names = missing;
  for (const ResultReport& report : reports) {
    if (!names.contains(report.experiment)) continue;
    missing.erase(report.experiment);
    out.push_back(report);
  }
  if (!missing.empty()) out.clear();
  return out;
}

base::Status nothing_to_do() {
  return base::bad_input(
      "no block with keys is of an experiment of these results (see kairo evidence --help)");
}

}  // namespace

std::vector<std::pair<std::size_t, Block>> Chosen::blocks() const {
  std::vector<std::pair<std::size_t, Block>> out;
  const std::size_t colon = block.rfind(':');
  for (std::size_t i = 0; i < documents.size(); ++i)
    for (const Block& found : documents[i].page.blocks)
      if (block.empty() || found.covers(base::parse_u64(block.substr(colon + 1)).value_or(0)))
        out.emplace_back(i, found);
  return out;
}

base::Result<Chosen> choose(const std::vector<fs::path>& files, const std::string& block) {
  std::vector<fs::path> names = files;
  if (!block.empty()) {
    const std::size_t colon = block.rfind(':');
    if (colon == std::string::npos || !base::parse_u64(block.substr(colon + 1)))
      return base::fail(base::ErrorCode::kUsage, "--block {}: not FILE:LINE", block);
    names = {block.substr(0, colon)};
  }
  if (names.empty()) names = pages_of_tree(base::data_dir());
  if (names.empty())
    return base::bad_input("{}: no documents there (name files)", base::data_dir().string());
  Chosen out{{}, block};
  for (const fs::path& file : names) {
    KAIRO_TRY(const auto text, base::read_file(file, 4 << 20));
    KAIRO_TRY(auto page, parse_page(text, name_of(file)));
    out.documents.push_back({file, std::move(page)});
  }
  if (!block.empty() && out.blocks().empty())
    return base::fail(base::ErrorCode::kUsage, "--block {}: no measured block is there", block);
  return out;
}

namespace {

// Commands that are none, and rows without one.
base::Result<std::vector<Problem>> wrong_commands(const Page& page, Offered& offered) {
  std::vector<Named> all = commands_of(page);
  for (Named& told : commands_told(page)) all.push_back(std::move(told));
  std::vector<Problem> out;
  for (const Named& named : all) {
    KAIRO_TRY(const auto objection,
              named.command.empty()
                  ? base::Result<std::string>("a row without a command (name what shows it)")
                  : offered.objection(named));
    if (!objection.empty())
      out.push_back({named.line, fmt::format("`{}`: {}", named.command, objection)});
  }
  return out;
}

}  // namespace

base::Status check_pages(const Chosen& chosen) {
  KAIRO_TRY(const auto series, kernel::load_series(kernel::series_dir()));
  const fs::path build = build_of_program();
  if (build.empty()) fmt::print("tests are not looked up: this kairo is of no build tree\n");
  Offered offered(base::data_dir(), fs::read_symlink("/proc/self/exe"), build);
  std::size_t count = 0;
  for (const Document& document : chosen.documents) {
    std::vector<Problem> problems = without_source(document.page);
    for (const auto& more :
         {silent_series(document.page, series.id()), without_command(document.page)})
      problems.insert(problems.end(), more.begin(), more.end());
    KAIRO_TRY(const auto wrong, wrong_commands(document.page, offered));
    problems.insert(problems.end(), wrong.begin(), wrong.end());
    std::stable_sort(problems.begin(), problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    for (const Problem& problem : problems)
      fmt::print("{}:{}: {}\n", document.page.name, problem.line, problem.text);
    count += problems.size();
  }
  if (count != 0)
    return base::fail(base::ErrorCode::kShort, "{} places in {} pages want a source", count,
                      chosen.documents.size());
  return {};
}

base::Status compare_pages(const Chosen& chosen, const std::vector<fs::path>& results) {
  KAIRO_TRY(const auto reports, read_results(results));
  std::size_t figures = 0;
  std::size_t differ = 0;
  for (const auto& [place, block] : chosen.blocks()) {
    const Page& page = chosen.documents[place].page;
    const auto own = reports_of(block, reports);
    if (own.empty() || block.figures.empty()) continue;
    KAIRO_TRY(const auto compared, compare(page, block, own));
    for (const Compared& c : compared) {
      ++figures;
      if (c.same()) continue;
      ++differ;
      fmt::print("{}:{}: {}: {} here, {} measured (series {})\n", page.name, c.figure.line,
                 c.figure.key, c.figure.text, c.measured, c.series.empty() ? "n/a" : c.series);
    }
  }
  if (figures == 0) return nothing_to_do();
  fmt::print("{} figures compared, {} differ\n", figures, differ);
  if (differ != 0)
    return base::fail(base::ErrorCode::kShort,
                      "{} of {} figures differ from the results (kairo evidence write)", differ,
                      figures);
  return {};
}

base::Status write_pages(const Chosen& chosen, const std::vector<fs::path>& results) {
  KAIRO_TRY(const auto reports, read_results(results));
  std::map<std::size_t, Page> pages;  // all are worked out before the first is written
  for (const auto& [place, block] : chosen.blocks()) {
    const auto own = reports_of(block, reports);
    if (own.empty() || block.figures.empty()) continue;
    const auto found = pages.find(place);
    KAIRO_TRY(
        auto page,
        rewrite(found == pages.end() ? chosen.documents[place].page : found->second, block, own));
    pages.insert_or_assign(place, std::move(page));
    fmt::print("{}:{}: {} figures\n", chosen.documents[place].page.name, block.first_line,
               block.figures.size());
  }
  if (pages.empty()) return nothing_to_do();
  for (const auto& [place, page] : pages)
    KAIRO_CHECK(base::write_file(chosen.documents[place].file, to_text(page)));
  return {};
}

}  // namespace kairo::evidence
