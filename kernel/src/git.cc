// SPDX-License-Identifier: GPL-2.0-only
#include "git.h"

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/kernel/console_log.h"

namespace kairo::kernel {

using base::ProcessResult;

Result<ProcessResult> git(const fs::path& tree, std::vector<std::string> arguments,
                          const std::string& input,
                          std::map<std::string, std::string> environment) {
  KAIRO_CHECK(base::require_program("git", "git"));
  // A hook of the caller's own repository sets these; they would point git at the wrong one.
  std::vector<std::string> argv = {"env",           "-u", "GIT_DIR",        "-u",
                                   "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", "-u",
                                   "GIT_PREFIX",    "git"};
  for (const char* const setting :
       {"core.hooksPath=/dev/null", "gc.auto=0", "commit.gpgSign=false", "core.autocrlf=false",
        "advice.detachedHead=false", "core.compression=1", "safe.directory=*"})
    argv.insert(argv.end(), {"-c", setting});
  argv.insert(argv.end(), std::make_move_iterator(arguments.begin()),
              std::make_move_iterator(arguments.end()));
  environment.insert({{"GIT_CONFIG_NOSYSTEM", "1"},
                      {"GIT_CONFIG_GLOBAL", "/dev/null"},
                      {"GIT_AUTHOR_NAME", "Kairo"},
                      {"GIT_AUTHOR_EMAIL", "kairo@localhost"},
                      {"GIT_COMMITTER_NAME", "Kairo"},
                      {"GIT_COMMITTER_EMAIL", "kairo@localhost"},
                      {"GIT_EDITOR", "true"},
                      {"GIT_TERMINAL_PROMPT", "0"},
                      {"LC_ALL", "C"},
                      {"TZ", "UTC"}});
  return base::run({.argv = std::move(argv),
                    .directory = tree,
                    .environment = std::move(environment),
                    .input = input});
}

Result<std::string> git_text(const fs::path& tree, std::vector<std::string> arguments,
                             const std::string& input,
                             std::map<std::string, std::string> environment) {
  const std::string line = base::shell_quote(arguments);
  KAIRO_TRY(auto result, git(tree, std::move(arguments), input, std::move(environment)));
  if (result.exit_code != 0)
    return fail(ErrorCode::kInput, "{}: `git {}` failed:\n{}", tree.string(), line,
                last_lines(result.err.empty() ? result.out : result.err, 12));
  while (result.out.ends_with('\n')) result.out.pop_back();
  return std::move(result.out);
}

std::string git_commit(const fs::path& tree, std::string_view name) {
  std::error_code ignored;
  if (!fs::exists(tree / ".git", ignored)) return {};
  const auto found =
      git_text(tree, {"rev-parse", "--verify", "--quiet", fmt::format("{}^{{commit}}", name)});
  return found ? *found : std::string();
}

}  // namespace kairo::kernel
