// SPDX-License-Identifier: GPL-2.0-only
// The commands of docs/evidence.md: each exists, and selects at least one test or experiment.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/text.h"

namespace kairo {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = KAIRO_SOURCE_DIR;

struct Listed {
  std::string name;
  std::set<std::string> labels;
};

// All tests of this build.
std::vector<Listed> tests_of_build() {
  const auto listed =
      base::run_ok({.argv = {"ctest", "--test-dir", KAIRO_BUILD_DIR, "-N", "--show-only=json-v1"}});
  if (!listed) {
    ADD_FAILURE() << listed.error().message;
    return {};
  }
  std::vector<Listed> tests;
  const auto json = nlohmann::json::parse(listed->out);
  for (const auto& entry : json.at("tests")) {
    Listed test{entry.at("name"), {}};
    for (const auto& property : entry.value("properties", nlohmann::json::array()))
      if (property.at("name") == "LABELS")
        for (const std::string label : property.at("value")) test.labels.insert(label);
    tests.push_back(std::move(test));
  }
  return tests;
}

// `code` in the last column of each row below a heading "| claim |", where \| is a |.
std::vector<std::string> commands_of(const std::string& page) {
  std::vector<std::string> commands;
  bool table = false;
  for (const std::string_view view : base::split_lines(page)) {
    std::string line(view);
    if (line.empty()) table = false;
    if (line.starts_with("| claim |")) table = true;
    if (!table || line.starts_with("| claim |") || line.starts_with("|---")) continue;
    line = std::regex_replace(line, std::regex(R"(\\\|)"), "\x01");
    line.resize(line.rfind('|'));
    const std::string column = line.substr(line.rfind('|') + 1);
    EXPECT_NE(column.find('`'), std::string::npos) << "a claim without a command: " << line;
    static const std::regex code("`([^`]*)`");
    for (std::sregex_iterator it(column.begin(), column.end(), code), end; it != end; ++it)
      commands.push_back(std::regex_replace((*it)[1].str(), std::regex("\x01"), "|"));
  }
  return commands;
}

// A command in words, without the quotes of the shell; "&&" is a word.
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  for (const std::string_view word : base::split_words(command)) {
    std::string plain;
    for (const char c : word)
      if (c != '\'') plain += c;
    words.push_back(plain);
  }
  return words;
}

class Evidence : public ::testing::Test {
 protected:
  // ctest's -R and -L select something.
  void check_selection(const std::vector<std::string>& words) {
    bool asked = false;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      if (words[i] != "-R" && words[i] != "-L") continue;
      asked = true;
      const std::regex pattern(words[i + 1]);
      const bool by_name = words[i] == "-R";
      bool found = false;
      for (const Listed& test : tests_) {
        if (by_name) found |= std::regex_search(test.name, pattern);
        for (const std::string& label : test.labels)
          if (!by_name) found |= std::regex_search(label, pattern);
      }
      EXPECT_TRUE(found) << "no test for " << fmt::format("{}", fmt::join(words, " "));
    }
    EXPECT_TRUE(asked) << fmt::format("{}", fmt::join(words, " ")) << ": which tests?";
  }

  // The subcommand has a help page, and experiments are there.
  static void check_kairo(const std::vector<std::string>& words) {
    std::vector<std::string> argv = {KAIRO_COMMAND_PATH};
    std::size_t i = 1;
    for (; i < words.size() && i < 3; ++i) argv.push_back(words[i]);
    argv.emplace_back("--help");
    const auto help = base::run({.argv = argv});
    ASSERT_TRUE(help);
    EXPECT_EQ(help->exit_code, 0) << fmt::format("{}", fmt::join(words, " "));
    for (; i < words.size() && words[2] == "run" && words[i][0] != '-'; ++i)
      EXPECT_TRUE(fs::exists(kSource / "experiments" / words[i])) << words[i];
    for (; i < words.size(); ++i) {
      if (!words[i].starts_with("--")) continue;
      EXPECT_NE(help->out.find(words[i]), std::string::npos) << words[i];
    }
  }

  void check(const std::string& command) {
    std::vector<std::string> part;
    for (std::string& word : words_of(command + " &&")) {
      if (word != "&&") {
        part.push_back(word);
        continue;
      }
      ASSERT_FALSE(part.empty()) << command;
      if (part[0] == "kairo")
        check_kairo(part);
      else if (part[0] == "./check" || (part[0] == "ctest" && part.at(2) == "default"))
        check_selection(part);
      else if (part[0] == "ctest")
        EXPECT_NE(presets_.find(fmt::format("\"{}\"", part.at(2))), std::string::npos) << command;
      else
        ADD_FAILURE() << command << ": not a command of this project";
      part.clear();
    }
  }

  const std::vector<Listed> tests_ = tests_of_build();
  const std::string presets_ = base::read_file(kSource / "CMakePresets.json").value_or("");
};

TEST_F(Evidence, EachCommandExistsAndSelectsATest) {
  const auto page = base::read_file(kSource / "docs/evidence.md", 1 << 20);
  ASSERT_TRUE(page) << page.error().message;
  const auto commands = commands_of(*page);
  EXPECT_GT(commands.size(), 60U);
  for (const std::string& command : commands) check(command);
}

}  // namespace
}  // namespace kairo
