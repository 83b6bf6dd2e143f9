// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::kernel {

// One file of the series as `git format-patch` wrote it.
struct Patch {
  std::string name;  // "0001-block-ioprio-....patch"
  std::string text;
};

// The folder kernel/series/<line>: `series` names the patches in order, one a line, '#' comments.
// Files that it does not name (the cover letter, BASE) are not part of it.
struct Series {
  std::filesystem::path directory;
  std::vector<Patch> patches;

  // Twelve hexadecimal digits that depend on the names, order and content of the patches.
  [[nodiscard]] std::string id() const;
};

// Refuses a missing or empty series file (with the line), a name with a slash, a patch that is
// missing, larger than 4 MiB or named twice.
base::Result<Series> load_series(const std::filesystem::path& directory);

// The subject of a mailed patch, unfolded and without "[PATCH 3/31]"; empty when it has none.
std::string patch_subject(std::string_view patch);

// The part of the series that the base image has: the patches whose subjects the file
// `base-drivers` beside `series` lists, one a line, '#' comments; they make the device that
// experiments run on. Reduced to what reaches an image: documentation and MAINTAINERS are left out,
// where the patches around these meet, and so is what depends on their place in the series. So id()
// stays the same when the series is put in another order. Refuses (kInput, with the line) a subject
// that no patch or more than one has, and an empty list.
base::Result<Series> base_drivers(const Series& series);

// The paths a patch creates, changes, renames or removes.
std::set<std::string> touched_paths(std::string_view patch);
std::set<std::string> touched_paths(const Series& series);

// Which hunk of `patch` git refused, from the output of `git apply --check --verbose`: for example
// "block/mq-deadline.c, hunk 2 of 3 (@@ -85,6 +88,9 @@ struct deadline_data)". Empty when the
// output names none.
std::string failing_hunk(std::string_view patch, std::string_view git_output);

// The commits of the series on the base, made with `git am -3` in a sparse worktree of `repository`
// (`scratch`, removed afterwards), so that the repository's own files keep their times. Commit
// hashes depend on base and patches alone. Remembered under refs/kairo/series/, so the second call
// is immediate. Returns one commit per patch, in order.
// A patch that does not apply: kInput, naming patch and hunk; nothing is left behind.
base::Result<std::vector<std::string>> apply_series(const Series& series,
                                                    const std::filesystem::path& repository,
                                                    const std::filesystem::path& scratch);

// Moves the files of a tree to a commit; files that do not differ keep their times, so make and
// ccache stay warm. Refuses (kInput) when somebody edited tracked files there.
base::Status move_tree(const std::filesystem::path& tree, const std::string& commit);

// Makes `tree` a worktree of `repository` at `commit` when it is none, else moves it.
base::Status ensure_worktree(const std::filesystem::path& repository,
                             const std::filesystem::path& tree, const std::string& commit);

// A developer's tree: a worktree on branch `kairo/<name of the folder>` with one commit per patch.
// Refuses to touch a folder that is something else, has uncommitted changes, or has commits that no
// series brought there.
base::Status checkout_series(const std::vector<std::string>& commits,
                             const std::filesystem::path& repository,
                             const std::filesystem::path& tree);

}  // namespace kairo::kernel
