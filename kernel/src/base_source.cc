// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/base_source.h"

#include <algorithm>

#include "apt.h"
#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/sha256.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::kernel {

using Progress = std::function<void(std::string_view)>;

namespace {

constexpr std::size_t kSha256Digits = 64;
// The date of the base commit: fixed, so that the commit hash depends on the source alone.
constexpr std::string_view kBaseDate = "2026-01-01T00:00:00+0000";

std::string package_name() {
  return fmt::format("linux-source-{}", kBaseLine);
}

fs::path deb_path(const CachePaths& paths, const std::string& version) {
  return paths.downloads / fmt::format("{}_{}_all.deb", package_name(), version);
}

bool is_sha256(std::string_view text) {
  return text.size() == kSha256Digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Status require_sha256(const fs::path& file, const std::string& wanted, const fs::path& base_file) {
  KAIRO_TRY(const auto found, base::sha256_file(file));
  if (found == wanted) return {};
  return bad_input(
      "{}: SHA-256 is {}, but {} says {} (remove the file and fetch again; if it stays wrong, the "
      "archive was changed: do not build it)",
      file.string(), found, base_file.string(), wanted);
}

std::vector<std::string> downloaded_versions(const CachePaths& paths) {
  std::vector<std::string> versions;
  std::error_code ignored;
  const std::string prefix = package_name() + "_";
  for (const auto& entry : fs::directory_iterator(paths.downloads, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with("_all.deb"))
      versions.push_back(name.substr(prefix.size(), name.size() - prefix.size() - 8));
  }
  return versions;
}

// The .deb's source archive in a scratch folder.
Result<fs::path> extract_tarball(const fs::path& deb, const fs::path& scratch) {
  KAIRO_CHECK(extract_package(deb, scratch));
  const fs::path tarball = scratch / "usr/src" / (package_name() + ".tar.xz");
  std::error_code ignored;
  if (!fs::exists(tarball, ignored))
    return bad_input("{}: has no usr/src/{}.tar.xz", deb.string(), package_name());
  return tarball;
}

// Unpacks into `partial` and makes it a git tree with the tag `base`.
Status make_tree(const fs::path& tarball, const fs::path& partial, const std::string& version,
                 const Progress& on_line) {
  std::error_code ignored;
  fs::remove_all(partial, ignored);
  KAIRO_CHECK(base::make_directory(partial));
  on_line("unpacking the source (about 90,000 files)");
  KAIRO_CHECK(base::require_program("xz", "xz-utils"));
  KAIRO_CHECK(base::run_ok(
      {.argv = {"tar", "--extract", "--xz", "--strip-components=1", "--checkpoint=40000",
                "--checkpoint-action=echo=unpacking: %T", "--file", tarball.string()},
       .directory = partial,
       .merge_stderr = true,
       .on_line = on_line}));
  on_line("recording it in git");
  const std::map<std::string, std::string> dates = {{"GIT_AUTHOR_DATE", std::string(kBaseDate)},
                                                    {"GIT_COMMITTER_DATE", std::string(kBaseDate)}};
  const std::vector<std::vector<std::string>> steps = {
      {"init", "--quiet", "--initial-branch=master"},
      {"config", "gc.auto", "0"},
      {"config", "core.untrackedCache", "true"},
      // every file counts as big: they go into one pack and not into 90,000 small files
      {"-c", "core.bigFileThreshold=1", "add", "--all", "--force"},
      {"commit", "--quiet", "--no-verify", "--message", package_name() + " " + version},
      {"tag", std::string(kBaseTag)}};
  for (const auto& step : steps) KAIRO_CHECK(git_text(partial, step, {}, dates));
  return {};
}

}  // namespace

std::string base_package_version(const fs::path& tree) {
  const auto subject = git_text(tree, {"log", "-1", "--format=%s", std::string(kBaseTag)});
  const std::string prefix = package_name() + " ";
  return subject && subject->starts_with(prefix) ? subject->substr(prefix.size()) : std::string();
}

Result<std::vector<BaseVersion>> parse_base_file(std::string_view text, std::string_view name) {
  std::vector<BaseVersion> versions;
  std::size_t number = 0;
  for (const std::string_view line : base::split_lines(text)) {
    ++number;
    const std::vector<std::string_view> fields = base::split_words(line);
    if (fields.empty() || fields.front().starts_with('#')) continue;
    if (fields.size() != 3 || !is_sha256(fields[1]) || !is_sha256(fields[2]))
      return bad_input("{}:{}: must be `version deb-sha256 tarball-sha256`", name, number);
    versions.push_back({std::string(fields[0]), std::string(fields[1]), std::string(fields[2])});
  }
  if (versions.empty()) return bad_input("{}: names no version", name);
  return versions;
}

std::vector<std::string> parse_madison(std::string_view text) {
  std::vector<std::string> versions;
  for (const std::string_view line : base::split_lines(text)) {
    const std::vector<std::string_view> fields = base::split_words(line);
    // package | version | archive ...
    if (fields.size() < 5 || fields[1] != "|" || fields[3] != "|") continue;
    if (std::find(versions.begin(), versions.end(), fields[2]) == versions.end())
      versions.emplace_back(fields[2]);
  }
  return versions;
}

std::optional<BaseChoice> choose_base(const std::vector<BaseVersion>& tested,
                                      const std::vector<std::string>& offered,
                                      const std::vector<std::string>& downloaded) {
  const auto has = [](const std::vector<std::string>& list, const std::string& version) {
    return std::find(list.begin(), list.end(), version) != list.end();
  };
  for (const BaseVersion& base : tested) {
    if (has(downloaded, base.version) || has(offered, base.version))
      return BaseChoice{base.version, base};
  }
  if (offered.empty()) return std::nullopt;
  return BaseChoice{offered.front(), std::nullopt};
}

Result<FetchResult> fetch_base(const CachePaths& paths, const fs::path& base_file,
                               const Progress& on_line, std::uint64_t needed_bytes) {
  KAIRO_TRY(const auto text, base::read_file(base_file, 1U << 20));
  KAIRO_TRY(const auto tested, parse_base_file(text, base_file.string()));
  const fs::path& src = paths.main.src;
  if (const std::string commit = git_commit(src, kBaseTag); !commit.empty()) {
    const std::string version = base_package_version(src);
    const bool known = std::any_of(tested.begin(), tested.end(), [&](const BaseVersion& base) {
      return base.version == version;
    });
    return FetchResult{version, known, true, commit};
  }
  // A tree that was only begun is called otherwise, so this one was whole once and may have commits
  // of `kairo kernel checkout`.
  if (std::error_code ignored; fs::exists(src / ".git", ignored))
    return bad_input(
        "{}: git finds no tag '{}' in it, and it may hold work of yours, so it is not fetched "
        "again "
        "(look with git -C {} log --all; then move it away)",
        src.string(), kBaseTag, src.string());
  KAIRO_CHECK(base::require_free_space(src, needed_bytes));

  Apt apt(paths.downloads / "apt");
  auto choice = choose_base(tested, {}, downloaded_versions(paths));
  if (!choice) {
    KAIRO_TRY(const auto offered, apt.versions(package_name(), on_line));
    choice = choose_base(tested, offered, {});
    if (!choice) return fail(base::ErrorCode::kUnavailable, "apt offers no {}", package_name());
    on_line(fmt::format("downloading {} {}", package_name(), choice->version));
    KAIRO_CHECK(apt.download(package_name(), choice->version, paths.downloads));
  }
  const fs::path deb = deb_path(paths, choice->version);
  if (choice->tested) KAIRO_CHECK(require_sha256(deb, choice->tested->deb_sha256, base_file));
  KAIRO_TRY(const auto scratch, base::TempDir::create("kairo-unpack-", paths.downloads));
  KAIRO_TRY(const auto tarball, extract_tarball(deb, scratch.path()));
  if (choice->tested)
    KAIRO_CHECK(require_sha256(tarball, choice->tested->tarball_sha256, base_file));
  const fs::path partial = fs::path(src).concat(".partial");
  KAIRO_CHECK(make_tree(tarball, partial, choice->version, on_line));
  std::error_code status;
  fs::remove_all(src, status);
  fs::rename(partial, src, status);
  if (status) return bad_input("{}: {}", src.string(), status.message());
  return FetchResult{choice->version, choice->tested.has_value(), false, git_commit(src, kBaseTag)};
}

}  // namespace kairo::kernel
