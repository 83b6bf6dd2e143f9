// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/evidence/commands.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/text.h"
#include "kairo/experiments/definition.h"
#include "table.h"

namespace kairo::evidence {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr const char* kQuickstartExperiment = "01-decode-priority";

bool is_experiment_run(const Words& words) {
  return words.size() > 3 && words[0] == "kairo" && words[1] == "experiment" && words[2] == "run";
}

// The names behind `kairo experiment run`.
Words names_of(const Words& words) {
  Words out;
  for (std::size_t i = 3; i < words.size() && !words[i].starts_with("-"); ++i)
    out.push_back(words[i]);
  return out;
}

// a,b of every `option a,b`.
Words values_of(const Words& words, std::string_view option) {
  Words out;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != option) continue;
    std::string value;
    for (const char c : words[i + 1] + ",") {
      if (c != ',') {
        value += c;
        continue;
      }
      out.push_back(std::move(value));
      value.clear();
    }
  }
  return out;
}

std::string objection_of(const base::Status& status) {
  return status ? "" : status.error().message;
}

// Experiments, and what is chosen of each.
std::string of_experiments(const fs::path& source, const Words& words) {
  for (const std::string& profile : values_of(words, "--profile")) {
    if (fs::exists(source / profile)) continue;  // pages name files from the top of the checkout
    if (const auto found = experiments::find_profile(profile); !found) return found.error().message;
  }
  for (const std::string& name : names_of(words)) {
    if (name == "all") continue;
    const auto folder = experiments::find_experiment(source / "experiments", name);
    if (!folder) return folder.error().message;
    auto definition = experiments::load_definition(*folder);
    if (!definition) return definition.error().message;
    if (const Words arms = values_of(words, "--arms"); !arms.empty())
      if (const auto done = select_arms(*definition, arms); !done) return objection_of(done);
    if (const Words loads = values_of(words, "--loads"); !loads.empty())
      if (const auto done = select_loads(*definition, loads); !done) return objection_of(done);
  }
  return "";
}

}  // namespace

std::vector<Words> words_of(std::string_view command) {
  std::vector<Words> out(1);
  for (const std::string_view word : base::split_words(command)) {
    std::string plain(word);
    std::erase_if(plain, [](char c) { return c == '\'' || c == '"'; });
    if (plain == "&&")
      out.emplace_back();
    else
      out.back().push_back(std::move(plain));
  }
  return out;
}

std::vector<std::string> experiments_of(std::string_view command) {
  std::vector<std::string> out;
  for (const Words& words : words_of(command)) {
    if (!words.empty() && words[0] == "./quickstart") out.emplace_back(kQuickstartExperiment);
    if (!is_experiment_run(words)) continue;
    for (const std::string& name : names_of(words))
      if (const auto folder = experiments::find_experiment(experiments::experiments_dir(), name))
        out.push_back(folder->filename().string());
  }
  return out;
}

std::vector<Named> commands_of(const Page& page) {
  static const std::regex code("`([^`]*)`");
  std::vector<Named> out;
  for (const Block& block : page.blocks)
    if (!block.command.empty() && block.command != kNoCommand)
      out.push_back({block.first_line, block.command});
  for (const Table& table : tables_of(page, 1, page.lines.size() + 1)) {
    const auto heads = cells_of(page.line(table.head));
    if (heads.empty() || heads.back().text != kCommandHead) continue;
    for (std::size_t line = table.head + 2; line < table.end; ++line) {
      const auto cells = cells_of(page.line(line));
      const std::string cell(cells.empty() ? "" : cells.back().text);
      const std::size_t before = out.size();
      for (std::sregex_iterator it(cell.begin(), cell.end(), code), end; it != end; ++it)
        out.push_back({line, with_bars(it->str(1))});
      if (out.size() == before) out.push_back({line, ""});
    }
  }
  return out;
}

Offered::Offered(fs::path source, fs::path program, fs::path build)
    : source_(std::move(source)), program_(std::move(program)), build_(std::move(build)) {}

base::Status Offered::list_tests() {
  KAIRO_TRY(const auto listed, base::run_ok({.argv = {"ctest", "--test-dir", build_.string(), "-N",
                                                      "--show-only=json-v1"}}));
  tests_.emplace();
  const auto json = nlohmann::json::parse(listed.out, nullptr, false);
  if (!json.is_object() || !json.contains("tests"))
    return base::bad_input("{}: ctest lists no tests (build it)", build_.string());
  for (const auto& entry : json["tests"]) {
    Test test{entry.value("name", ""), {}};
    for (const auto& property : entry.value("properties", nlohmann::json::array()))
      if (property.value("name", "") == "LABELS")
        for (const auto& label : property.value("value", nlohmann::json::array()))
          test.labels.insert(label.get<std::string>());
    tests_->push_back(std::move(test));
  }
  return {};
}

base::Result<std::string> Offered::of_tests(const Words& words, bool any_tests) {
  if (words[0] == "ctest") {
    const Words presets = values_of(words, "--preset");
    KAIRO_TRY(const auto text, base::read_file(source_ / "CMakePresets.json", 1 << 20));
    if (presets.empty()) return "which --preset?";
    if (text.find("\"" + presets[0] + "\"") == std::string::npos)
      return fmt::format("no preset {}", presets[0]);
    if (presets[0] != "default") return "";  // a build of its own
  }
  bool asked = any_tests;
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    if (words[i] != "-R" && words[i] != "-L") continue;
    asked = true;
    if (build_.empty()) continue;
    if (!tests_) KAIRO_CHECK(list_tests());
    const std::regex pattern(words[i + 1]);
    const bool by_name = words[i] == "-R";
    const bool found = std::any_of(tests_->begin(), tests_->end(), [&](const Test& test) {
      if (by_name) return std::regex_search(test.name, pattern);
      return std::any_of(test.labels.begin(), test.labels.end(), [&](const std::string& label) {
        return std::regex_search(label, pattern);
      });
    });
    if (!found) return fmt::format("{} {} selects no test", words[i], words[i + 1]);
  }
  return asked ? "" : "which tests? (add -R or -L)";
}

base::Result<std::string> Offered::of_kairo(const Words& words) {
  std::vector<std::string> argv = {program_.string()};
  for (std::size_t i = 1; i < words.size() && i < 3 && !words[i].starts_with("-"); ++i)
    argv.push_back(words[i]);
  const std::string name = fmt::format("kairo {}", fmt::join(argv.begin() + 1, argv.end(), " "));
  if (!helps_.contains(name)) {
    argv.emplace_back("--help");
    KAIRO_TRY(const auto help, base::run({.argv = argv}));
    // A word that is none is passed over before --help: what is printed is of the group around it.
    const bool of_group = help.out.find(" SUBCOMMAND\n") != std::string::npos;
    helps_[name] = help.exit_code == 0 && !of_group ? help.out : "";
  }
  if (helps_[name].empty()) return fmt::format("{} is no command", name);
  for (const std::string& word : words)
    if (word.starts_with("--") && helps_[name].find(word) == std::string::npos)
      return fmt::format("{} has no option {}", name, word);
  return is_experiment_run(words) ? of_experiments(source_, words) : "";
}

// A file of the checkout, or what its build has made, by the path from the top.
bool Offered::is_of_project(std::string_view program) const {
  constexpr std::string_view kBuild = "build/default/";
  if (program.find('/') == std::string_view::npos || program.starts_with("/")) return false;
  if (program.starts_with(kBuild))
    return build_.empty() || fs::is_regular_file(build_ / program.substr(kBuild.size()));
  return fs::is_regular_file(source_ / program);
}

base::Result<std::string> Offered::objection(const Named& named) {
  for (const Words& words : words_of(named.command)) {
    base::Result<std::string> found = "";
    if (words.empty())
      found = "it is empty";
    else if (words[0] == "kairo")
      found = of_kairo(words);
    else if (words[0] == "./check" || words[0] == "ctest")
      found = of_tests(words, named.any_tests);
    else if (!is_of_project(words[0]))
      found = words[0] + " is not of this project";
    if (!found || !found->empty()) return found;
  }
  return "";
}

}  // namespace kairo::evidence
