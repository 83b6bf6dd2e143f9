// SPDX-License-Identifier: GPL-2.0-only
#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/kernel/console_log.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"

namespace kairo::kernel {
namespace {

// A worktree that is gone afterwards, whatever happened in it.
class ScratchTree {
 public:
  ScratchTree(fs::path repository, fs::path tree)
      : repository_(std::move(repository)), tree_(std::move(tree)) {}
  ScratchTree(const ScratchTree&) = delete;
  ScratchTree& operator=(const ScratchTree&) = delete;
  ~ScratchTree() { remove(); }

  // With the files of `paths` only: the rest of a kernel tree would take a minute to write.
  Status create(const std::string& commit, const std::set<std::string>& paths) const {
    remove();
    KAIRO_CHECK(base::make_directory(tree_.parent_path()));
    std::string patterns;
    for (const std::string& path : paths) patterns += "/" + path + "\n";
    KAIRO_CHECK(git_text(repository_, {"worktree", "add", "--quiet", "--detach", "--no-checkout",
                                       tree_.string(), commit}));
    KAIRO_CHECK(git_text(tree_, {"sparse-checkout", "set", "--no-cone", "--stdin"}, patterns));
    KAIRO_CHECK(git_text(tree_, {"checkout", "--quiet", "--detach", commit}));
    return {};
  }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(tree_, ignored);
    // Forgets worktrees whose folder is gone, ours included.
    [[maybe_unused]] const auto pruned = git(repository_, {"worktree", "prune"});
  }

  fs::path repository_;
  fs::path tree_;
};

// Applies one patch on the tree's HEAD. On failure the tree is back where it was.
Status apply_patch(const Series& series, const Patch& patch, const fs::path& tree) {
  KAIRO_TRY(
      const auto applied,
      git(tree, {"am", "--quiet", "--3way", "--committer-date-is-author-date", "--no-gpg-sign"},
          patch.text));
  if (applied.exit_code == 0) return {};
  [[maybe_unused]] const auto aborted = git(tree, {"am", "--abort"});
  const auto tried = git(tree, {"apply", "--check", "--verbose"}, patch.text);
  const std::string why = tried ? tried->err + tried->out : std::string();
  const std::string hunk = failing_hunk(patch.text, why);
  return bad_input(
      "{}: does not apply{}{} (the base is another version than the series was made for, or an "
      "earlier patch changed; see BASE)\n{}",
      (series.directory / patch.name).string(), hunk.empty() ? "" : ": ", hunk,
      last_lines(applied.err + applied.out, 6));
}

}  // namespace

Result<std::vector<std::string>> apply_series(const Series& series, const fs::path& repository,
                                              const fs::path& scratch) {
  const std::string base_commit = git_commit(repository, kBaseTag);
  if (base_commit.empty())
    return bad_input("{}: has no tag '{}' (run `kairo kernel fetch`)", repository.string(),
                     kBaseTag);
  const std::string range_end =
      fmt::format("refs/kairo/series/{}-{}", base_commit.substr(0, 12), series.id());
  const auto commits_up_to = [&](const std::string& end) -> Result<std::vector<std::string>> {
    KAIRO_TRY(const auto listed,
              git_text(repository, {"rev-list", "--reverse", base_commit + ".." + end}));
    const auto lines = base::split_lines(listed);
    return std::vector<std::string>(lines.begin(), lines.end());
  };
  if (!git_commit(repository, range_end).empty()) return commits_up_to(range_end);

  const ScratchTree tree(repository, scratch);
  KAIRO_CHECK(tree.create(base_commit, touched_paths(series)));
  for (const Patch& patch : series.patches) KAIRO_CHECK(apply_patch(series, patch, scratch));
  auto commits = commits_up_to(git_commit(scratch, "HEAD"));
  if (!commits) return commits;
  if (commits->size() != series.patches.size())
    return bad_input("{}: {} patches gave {} commits (is one of them empty?)",
                     series.directory.string(), series.patches.size(), commits->size());
  KAIRO_CHECK(git_text(repository, {"update-ref", range_end, commits->back()}));
  return commits;
}

Status move_tree(const fs::path& tree, const std::string& commit) {
  if (git_commit(tree, "HEAD") == commit) return {};
  const auto moved = git_text(tree, {"checkout", "--quiet", "--detach", commit});
  if (!moved)
    return fail(moved.error(),
                "the tree cannot be moved (tracked files were edited there; keep "
                "them elsewhere, then `git checkout .`)");
  return {};
}

Status ensure_worktree(const fs::path& repository, const fs::path& tree,
                       const std::string& commit) {
  std::error_code ignored;
  if (!git_commit(tree, "HEAD").empty()) {
    // Written last, so its absence means that writing the files was interrupted.
    if (fs::exists(tree / ".git", ignored) &&
        git_text(tree, {"rev-parse", "--verify", "--quiet", "refs/worktree/complete"}))
      return move_tree(tree, commit);
  }
  if (fs::exists(tree, ignored) && !fs::is_empty(tree, ignored) &&
      !fs::exists(tree / ".git", ignored))
    return bad_input("{}: exists and is not a git tree (move it away)", tree.string());
  fs::remove_all(tree, ignored);
  KAIRO_CHECK(git_text(repository, {"worktree", "prune"}));
  KAIRO_CHECK(base::make_directory(tree.parent_path()));
  if (auto added =
          git_text(repository, {"worktree", "add", "--quiet", "--detach", tree.string(), commit});
      !added)
    return fail(added.error());
  KAIRO_CHECK(git_text(tree, {"update-ref", "refs/worktree/complete", commit}));
  return {};
}

Status checkout_series(const std::vector<std::string>& commits, const fs::path& repository,
                       const fs::path& tree) {
  const std::string& wanted = commits.back();
  const std::string branch = "kairo/" + fs::absolute(tree).filename().string();
  std::error_code ignored;
  const std::string head = git_commit(tree, "HEAD");
  if (fs::exists(tree, ignored) && head.empty() && !fs::is_empty(tree, ignored))
    return bad_input("{}: exists and is not a git tree (name another folder)", tree.string());
  if (head.empty()) {
    const std::string old = git_commit(repository, "refs/heads/" + branch);
    const auto brought = git_text(repository, {"for-each-ref", "--contains",
                                               old.empty() ? wanted : old, "refs/kairo/series"});
    if (!old.empty() && (!brought || brought->empty()))
      return bad_input(
          "{}: branch '{}' has commits that no series brought there (export them, or "
          "name another folder)",
          repository.string(), branch);
    KAIRO_CHECK(git_text(repository, {"worktree", "prune"}));
    KAIRO_CHECK(git_text(repository, {"worktree", "add", "--quiet", "-B", branch,
                                      fs::absolute(tree).string(), wanted}));
    return {};
  }
  KAIRO_TRY(const auto changes, git_text(tree, {"status", "--porcelain"}));
  if (!changes.empty())
    return bad_input(
        "{}: has changes that are not committed (commit and export them, or name "
        "another folder):\n{}",
        tree.string(), last_lines(changes, 5));
  if (head == wanted) return {};
  KAIRO_TRY(const auto brought,
            git_text(tree, {"for-each-ref", "--contains", head, "refs/kairo/series"}));
  if (brought.empty() && head != git_commit(tree, kBaseTag))
    return bad_input(
        "{}: has commits that no series brought there (export them with `kairo kernel "
        "export`, or name another folder)",
        tree.string());
  KAIRO_CHECK(git_text(tree, {"checkout", "--quiet", "-B", branch, wanted}));
  return {};
}

}  // namespace kairo::kernel
