// SPDX-License-Identifier: GPL-2.0-only
// The commands that a page names: what they measure, and whether they exist.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/evidence/page.h"

namespace kairo::evidence {

// Commands in words, without the quotes of the shell: "a 'b' && c" is {{a, b}, {c}}.
std::vector<std::vector<std::string>> words_of(std::string_view command);

// The folders of the experiments that a command runs; what is none is left out (see objection()).
// ./quickstart runs 01-decode-priority.
std::vector<std::string> experiments_of(std::string_view command);

struct Named {
  std::size_t line = 0;
  std::string command;     // empty: a row that should have one
  bool any_tests = false;  // it need not say which
};

// Those of blocks, and `code` in the last column of tables whose last head is "command".
std::vector<Named> commands_of(const Page& page);

// Each ./check, ctest and `kairo experiment run` that the page tells to run, in text and in blocks
// of code, up to a pipe, a redirection or the next command.
std::vector<Named> commands_told(const Page& page);

// What a build and a source tree offer.
class Offered {
 public:
  // `program` is the kairo whose --help is asked. Without a build no test is looked up.
  Offered(std::filesystem::path source, std::filesystem::path program, std::filesystem::path build);

  // Why the command cannot be run as it is written; empty when it can. Looked at are subcommand,
  // options, experiments, profiles, arms and loads of kairo, tests that -R and -L of ./check and
  // ctest select, and presets.
  [[nodiscard]] base::Result<std::string> objection(const Named& named);

 private:
  struct Test {
    std::string name;
    std::set<std::string> labels;
  };
  base::Status list_tests();
  [[nodiscard]] bool is_of_project(std::string_view program) const;
  base::Result<std::string> of_kairo(const std::vector<std::string>& words);
  base::Result<std::string> of_tests(const std::vector<std::string>& words, bool any_tests);

  std::filesystem::path source_;
  std::filesystem::path program_;
  std::filesystem::path build_;
  std::optional<std::vector<Test>> tests_;    // asked once
  std::map<std::string, std::string> helps_;  // by subcommand
};

}  // namespace kairo::evidence
