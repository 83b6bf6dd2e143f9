// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/export.h"

#include <algorithm>
#include <set>
#include <vector>

#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/kernel/console_log.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"

namespace kairo::kernel {
namespace {

constexpr std::string_view kCoverName = "0000-cover-letter.patch";

// Paragraphs without the blank lines between them.
std::vector<std::string> paragraphs(std::string_view text) {
  std::vector<std::string> out(1);
  for (const std::string_view line : base::split_lines(text)) {
    if (line.empty()) {
      if (!out.back().empty()) out.emplace_back();
    } else {
      out.back().append(line).append("\n");
    }
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

// "Name (3):" and indented subjects.
bool is_shortlog(std::string_view paragraph) {
  const auto end = paragraph.find('\n');
  const std::string_view head = paragraph.substr(0, end);
  return head.ends_with("):") && head.find(" (") != std::string_view::npos &&
         paragraph.substr(end + 1).starts_with("  ");
}

bool is_diffstat(std::string_view paragraph) {
  return paragraph.find(" changed, ") != std::string_view::npos && paragraph.starts_with(" ") &&
         paragraph.find(" | ") != std::string_view::npos;
}

bool is_generated(std::string_view paragraph) {
  return paragraph.starts_with("base-commit: ") || is_diffstat(paragraph) || is_shortlog(paragraph);
}

Result<CoverText> current_cover(const fs::path& directory) {
  const fs::path file = directory / kCoverName;
  const auto letter = base::read_file(file, 1U << 20);
  if (!letter)
    return bad_input("{} (start it with a line `Subject: ...`, a blank line and the text)",
                     letter.error().message);
  auto text = parse_cover(*letter);
  return text ? text : fail(text.error(), file.string());
}

Status require_exportable(const fs::path& tree) {
  if (git_commit(tree, "HEAD").empty())
    return bad_input("{}: not a git tree (make one with `kairo kernel checkout`)", tree.string());
  if (git_commit(tree, kBaseTag).empty())
    return bad_input("{}: has no tag '{}' (use a tree of `kairo kernel checkout`)", tree.string(),
                     kBaseTag);
  KAIRO_TRY(const auto changes, git_text(tree, {"status", "--porcelain", "--untracked-files=no"}));
  if (!changes.empty())
    return bad_input("{}: has changes that are not committed (commit or discard them):\n{}",
                     tree.string(), last_lines(changes, 5));
  KAIRO_TRY(const auto merges, git_text(tree, {"rev-list", "--merges", "base..HEAD"}));
  if (!merges.empty())
    return bad_input("{}: has merge commits, which a series cannot hold (rebase onto '{}')",
                     tree.string(), kBaseTag);
  return {};
}

// The patch files of `folder` by name.
Result<std::vector<std::string>> patch_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(folder, status)) {
    if (entry.path().extension() == ".patch") names.push_back(entry.path().filename().string());
  }
  if (status) return bad_input("{}: {}", folder.string(), status.message());
  std::sort(names.begin(), names.end());
  return names;
}

// Git's part: everything in a scratch folder, the cover letter filled in.
Status format_patches(const fs::path& tree, const fs::path& scratch, const CoverText& cover) {
  KAIRO_CHECK(git_text(
      tree, {"-c", "diff.algorithm=myers", "format-patch", "--quiet", "--base=base",
             "--zero-commit", "--no-signature", "--full-index", "--numbered", "--cover-letter",
             "--cover-from-description=none", "--subject-prefix=PATCH", "--no-thread",
             "--no-attach", "--stat=72", "--suffix=.patch", "-o", scratch.string(), "base..HEAD"}));
  KAIRO_TRY(const auto date, git_text(tree, {"log", "-1", "--format=%aD", "HEAD"}));
  const auto generated = base::read_file(scratch / kCoverName);
  if (!generated)
    return bad_input("{}: has no commits after '{}', nothing to export", tree.string(), kBaseTag);
  return base::write_file(scratch / kCoverName, fill_cover(*generated, cover, date));
}

}  // namespace

Result<CoverText> parse_cover(std::string_view letter) {
  const auto blank = letter.find("\n\n");
  const std::string_view headers = letter.substr(0, blank);
  CoverText text{.subject = patch_subject(headers), .body = {}};
  if (text.subject.empty() || blank == std::string_view::npos)
    return bad_input("line 1: no `Subject: ` line followed by a blank line");
  std::vector<std::string> parts = paragraphs(letter.substr(blank + 2));
  while (!parts.empty() && is_generated(parts.back())) parts.pop_back();
  for (const std::string& part : parts) text.body += (text.body.empty() ? "" : "\n") + part;
  if (text.body.empty()) return bad_input("the text below the subject is empty");
  return text;
}

std::string fill_cover(std::string_view generated, const CoverText& text, std::string_view date) {
  std::string out;
  const auto blank = generated.find("\n\n");
  std::string_view headers = generated.substr(0, blank + 1);
  while (!headers.empty()) {
    const std::string_view line = headers.substr(0, headers.find('\n'));
    headers.remove_prefix(std::min(line.size() + 1, headers.size()));
    if (line.starts_with("Date: ")) {
      out += fmt::format("Date: {}\n", date);
    } else if (line.starts_with("Subject: ")) {
      const auto close = line.find(']');
      out += fmt::format("{}] {}\n", line.substr(0, close), text.subject);
    } else {
      out.append(line).append("\n");
    }
  }
  out += "\n" + text.body;
  for (const std::string& part : paragraphs(generated.substr(blank + 2))) {
    if (is_generated(part)) out += "\n" + part;
  }
  return out;
}

Result<std::size_t> export_series(const fs::path& tree, const fs::path& directory) {
  KAIRO_CHECK(require_exportable(tree));
  KAIRO_TRY(const auto cover, current_cover(directory));
  KAIRO_TRY(const auto scratch, base::TempDir::create("kairo-export-"));
  KAIRO_CHECK(format_patches(tree, scratch.path(), cover));

  const auto names = patch_names(scratch.path());
  const auto old_names = patch_names(directory);
  if (!names || !old_names) return fail(!names ? names.error() : old_names.error());
  std::string list =
      "# SPDX-License-Identifier: GPL-2.0-only\n# Written by `kairo kernel export`; do not edit.\n";
  for (const std::string& name : *names) {
    KAIRO_TRY(const auto patch, base::read_file(scratch.path() / name));
    KAIRO_CHECK(base::write_file(directory / name, patch));
    if (name != kCoverName) list += name + "\n";
  }
  const std::set<std::string> kept(names->begin(), names->end());
  std::error_code ignored;
  for (const std::string& name : *old_names) {
    if (kept.count(name) == 0) fs::remove(directory / name, ignored);
  }
  KAIRO_CHECK(base::write_file(directory / "series", list));
  // So that nobody takes them for lost later.
  const auto head = git_commit(tree, "HEAD");
  KAIRO_CHECK(git_text(
      tree,
      {"update-ref", fmt::format("refs/kairo/series/exported-{}", head.substr(0, 12)), head}));
  return names->size() - 1;
}

}  // namespace kairo::kernel
