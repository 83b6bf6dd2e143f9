// SPDX-License-Identifier: GPL-2.0-only
#include "measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/evidence/commands.h"

namespace kairo::evidence {
namespace {

namespace fs = std::filesystem;

// README.md:26 -> README.md-26; a folder's name.
std::string folder_name(const std::string& page, std::size_t line) {
  std::string out = fmt::format("{}-{}", page, line);
  std::replace(out.begin(), out.end(), '/', '-');
  return out;
}

// In the source tree, with a result folder where the command has one.
base::Status run_words(std::vector<std::string> words, const fs::path& out) {
  if (words.empty()) return base::bad_input("an empty command");
  const bool has_out = words[0] == "./quickstart" ||
                       (words.size() > 2 && words[1] == "experiment" && words[2] == "run");
  if (words[0] == "kairo") words[0] = fs::read_symlink("/proc/self/exe").string();
  if (has_out) words.insert(words.end(), {"--out", out.string()});
  fmt::print("{}\n", base::shell_quote(words));
  std::fflush(stdout);
  const auto done = base::run_ok({.argv = words,
                                  .directory = base::data_dir(),
                                  .merge_stderr = true,
                                  .on_line = [](std::string_view line) {
                                    fmt::print("{}\n", line);
                                    std::fflush(stdout);
                                  }});
  if (!done) return base::fail(done.error());
  return {};
}

}  // namespace

base::Status measure(const Chosen& chosen, const fs::path& out) {
  base::Status answer;
  for (const auto& [place, block] : chosen.blocks()) {
    const std::string& name = chosen.documents[place].page.name;
    const auto where = fmt::format("{}:{}", name, block.first_line);
    if (chosen.block.empty() && block.figures.empty()) {
      fmt::print("{}: not run: no figure has a key\n", where);
      continue;
    }
    const fs::path folder = fs::absolute(out) / folder_name(name, block.first_line);
    if (block.command.empty() || block.command == kNoCommand)
      return base::bad_input("{}: no command measures it as a whole (run those of its rows)",
                             where);
    std::size_t part = 0;
    for (const auto& words : words_of(block.command))
      if (const auto done = run_words(words, folder / std::to_string(++part)); !done)
        return base::fail(done.error(), where);
    if (block.figures.empty()) continue;
    const auto done = compare_pages({{chosen.documents[place]}, where}, {folder});
    if (!done && done.error().code != base::ErrorCode::kShort) return base::fail(done.error());
    if (!done) answer = base::fail(done.error());
  }
  return answer;
}

}  // namespace kairo::evidence
