// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::base {

// A program to run. No shell is involved: `argv` reaches the program as it is.
struct Command {
  std::vector<std::string> argv;
  std::filesystem::path directory = {};                 // empty: the current one
  std::map<std::string, std::string> environment = {};  // added to the inherited environment
  std::string input = {};                               // given on standard input; empty: /dev/null
  std::chrono::milliseconds timeout{0};  // 0: none. When over, the process group is killed.
  bool merge_stderr = false;             // stderr goes into `out`
  // Called for each complete line of standard output (and of stderr when merged) as it arrives.
  std::function<void(std::string_view line)> on_line = {};
  // Called about five times a second while the program runs; false kills the process group.
  std::function<bool()> keep_going = {};
};

struct ProcessResult {
  int exit_code = 0;  // 128 + signal when killed by one
  bool timed_out = false;
  bool stopped = false;  // by keep_going
  std::string out;
  std::string err;
};

// Runs to the end and collects the output. The program gets SIGTERM should this process die first.
// An Error means that the program could not be started;
// its own failure is `exit_code`.
Result<ProcessResult> run(const Command& command);

// As run(), but a time-out or a non-zero exit is an Error that quotes the command and the last
// lines it printed.
Result<ProcessResult> run_ok(const Command& command);

// `a 'b c'`: an argv as a person would type it.
std::string shell_quote(const std::vector<std::string>& argv);

}  // namespace kairo::base
