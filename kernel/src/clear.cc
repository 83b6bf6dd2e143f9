// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/clear.h"

#include <algorithm>

#include "cache_lock.h"
#include "git.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::kernel {
namespace {

constexpr std::string_view kWorktree = "worktree ";

// Paths of the worktrees that a person works in, not those that Kairo moves itself.
Result<std::vector<fs::path>> worktrees(const CachePaths& paths) {
  KAIRO_TRY(const auto listed, git_text(paths.main.src, {"worktree", "list", "--porcelain"}));
  std::vector<fs::path> out;
  std::error_code ignored;
  for (const std::string_view line : base::split_lines(listed)) {
    if (!line.starts_with(kWorktree)) continue;
    const fs::path tree(line.substr(kWorktree.size()));
    const auto is = [&](const fs::path& own) { return fs::equivalent(tree, own, ignored); };
    if (fs::exists(tree, ignored) && !is(paths.main.src) && !is(paths.base.src) &&
        !is(paths.check.src) && !is(paths.apply))
      out.push_back(tree);
  }
  return out;
}

// How many commits of `commit` neither the base nor a series has.
Result<std::string> lost_commits(const fs::path& tree, const std::string& commit) {
  return git_text(tree, {"rev-list", "--count", commit, "--not", std::string(kBaseTag),
                         "--glob=refs/kairo/series/*"});
}

Result<std::vector<std::string>> lost_branches(const fs::path& repository) {
  KAIRO_TRY(const auto listed,
            git_text(repository, {"for-each-ref", "--format=%(refname:short)", "refs/heads"}));
  std::vector<std::string> out;
  for (const std::string_view branch : base::split_lines(listed)) {
    KAIRO_TRY(const auto count, lost_commits(repository, std::string(branch)));
    if (count != "0")
      out.push_back(fmt::format("branch {}: {} commits that are in no series", branch, count));
  }
  return out;
}

}  // namespace

Result<std::vector<std::string>> unexported_work(const CachePaths& paths) {
  std::error_code ignored;
  if (!fs::exists(paths.main.src / ".git", ignored)) return std::vector<std::string>{};
  auto out = lost_branches(paths.main.src);
  if (!out) return out;
  KAIRO_TRY(const auto trees, worktrees(paths));
  for (const fs::path& tree : trees) {
    const auto changes = git_text(tree, {"status", "--porcelain"});
    const auto count = lost_commits(tree, "HEAD");
    if (!changes || !count) return fail(!changes ? changes.error() : count.error());
    // Of a branch they are named above.
    if (*count != "0" && !git_text(tree, {"symbolic-ref", "--quiet", "HEAD"}))
      out->push_back(fmt::format("{}: {} commits that are in no series", tree.string(), *count));
    if (!changes->empty())
      out->push_back(fmt::format("{}: changes that are not committed", tree.string()));
    if (!fs::equivalent(tree, paths.checkout, ignored))
      out->push_back(fmt::format("{}: a tree whose commits are kept in the cache", tree.string()));
  }
  return out;
}

Status clear_trees(const CachePaths& paths, bool force) {
  KAIRO_TRY(const auto lock, CacheLock::take(paths.main.src.parent_path()));
  if (!force) {
    const auto work = unexported_work(paths);
    if (!work)
      return fail(work.error(), "nothing is removed: what is there cannot be told (--force does)");
    if (!work->empty()) {
      std::string text;
      for (const std::string& line : *work) text += "\n  " + line;
      return bad_input(
          "nothing is removed, since this would be lost (`kairo kernel export TREE` keeps commits; "
          "--force removes all the same):{}",
          text);
    }
  }
  for (const fs::path& folder :
       {paths.checkout, paths.apply, paths.check.src.parent_path(), paths.base.src.parent_path(),
        paths.stock.src.parent_path(), paths.debian, paths.main.build, paths.main.src}) {
    std::error_code status;
    fs::remove_all(folder, status);
    if (status) return bad_input("{}: cannot be removed: {}", folder.string(), status.message());
  }
  return {};
}

}  // namespace kairo::kernel
