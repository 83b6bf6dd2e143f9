// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/check.h"

#include <array>
#include <optional>

#include "cache_lock.h"
#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/kernel/console_log.h"
#include "kairo/kernel/series.h"
#include "make.h"

namespace kairo::kernel {
namespace {

constexpr std::array<std::string_view, 4> kStructures = {"bio", "request", "kiocb", "io_kiocb"};
// Objects whose debug information has all of them.
const std::vector<std::string> kSizeObjects = {"block/blk-mq.o", "io_uring/rw.o"};
// "y" is last: the lab build has the same configuration, and the next patch may find it as it is.
constexpr std::array<std::string_view, 3> kStates = {"n", "m", "y"};

class Check {
 public:
  Check(const CachePaths& paths, const CheckRequest& request, Series series)
      : paths_(paths), request_(request), series_(std::move(series)) {}

  Result<std::vector<CheckRow>> run();

 private:
  void report(std::string what, bool good, std::string detail);
  Status prepare_tree();
  Status checkpatch();
  Status uapi_header();
  Status builds();
  Status build_state(const Patch& patch, std::string_view state);
  Result<std::map<std::string, unsigned>> sizes();
  MakeTree make_tree() const;
  // The lab configuration with the options in that state. From the second time on only the options
  // are changed: kconfig asks gcc some sixty questions each time it starts.
  Status configure(std::string_view state);
  // The series' options that exist in the tree as it is now, and whether each can be a module.
  Result<std::map<std::string, bool>> options() const;

  const CachePaths& paths_;
  const CheckRequest& request_;
  Series series_;
  std::string base_commit_;
  std::vector<std::string> commits_;
  std::vector<CheckRow> rows_;
  std::optional<std::string> configured_;  // the options, as fragment text, once they were set
};

void Check::report(std::string what, bool good, std::string detail) {
  rows_.push_back({std::move(what), good, std::move(detail)});
  if (request_.on_row) request_.on_row(rows_.back());
}

// One build folder for all states: make compiles what an option concerns, not the tree again. With
// the name of the lab build the compiler's command lines are the same, and so are ccache's objects.
MakeTree Check::make_tree() const {
  return {.src = paths_.check.src,
          .build = paths_.check.build / "lab",
          .ccache = paths_.ccache,
          .cache = paths_.ccache.parent_path(),
          .local_version = "-check"};
}

Status Check::prepare_tree() {
  base_commit_ = git_commit(paths_.main.src, kBaseTag);
  if (base_commit_.empty())
    return bad_input("{}: no base source there (run `kairo kernel fetch`)",
                     paths_.main.src.string());
  KAIRO_TRY(const auto lock, CacheLock::take(paths_.main.src.parent_path()));
  auto commits = apply_series(series_, paths_.main.src, paths_.apply);
  if (!commits) {
    report("series applies", false, commits.error().message);
    return {};
  }
  commits_ = std::move(*commits);
  report("series applies", true,
         fmt::format("{} patches on {}", commits_.size(), base_commit_.substr(0, 12)));
  return ensure_worktree(paths_.main.src, paths_.check.src, base_commit_);
}

Status Check::checkpatch() {
  const fs::path file = series_.directory / "checkpatch-exceptions";
  KAIRO_TRY(const auto text, base::read_file(file, 1U << 20));
  KAIRO_TRY(const auto exceptions, parse_exceptions(text, file.string()));
  for (const Patch& patch : series_.patches) {
    KAIRO_TRY(const auto output, base::run({.argv = {"perl", "scripts/checkpatch.pl", "--strict",
                                                     "--terse", "--show-types", "--no-summary",
                                                     (series_.directory / patch.name).string()},
                                            .directory = paths_.check.src,
                                            .merge_stderr = true}));
    const std::vector<std::string> lines = unexcused(output.out, patch.name, exceptions);
    // Exit status 1 means complaints; anything else, or words nobody recognised, that it broke.
    const bool ran = output.exit_code == 0 || output.exit_code == 1;
    std::string detail = ran ? "clean" : last_lines(output.out, 3);
    if (!lines.empty()) detail = fmt::format("{} complaint(s): {}", lines.size(), lines.front());
    report(patch.name + " checkpatch", ran && lines.empty(), detail);
  }
  return {};
}

Status Check::uapi_header() {
  constexpr std::string_view kHeader = "include/uapi/linux/kairo.h";
  const fs::path ours = kernel_dir().parent_path() / "uapi/include/linux/kairo.h";
  KAIRO_TRY(const auto installed,
            git(paths_.main.src, {"show", fmt::format("{}:{}", commits_.back(), kHeader)}));
  const auto copy = base::read_file(ours, 1U << 20);
  const bool same = installed.exit_code == 0 && copy && *copy == installed.out;
  report("uapi header", same,
         same ? "byte-identical to the series'"
              : fmt::format("{} differs from the series' {} (copy it)", ours.string(), kHeader));
  return {};
}

Result<std::map<std::string, bool>> Check::options() const {
  std::set<std::string> symbols;
  for (const Patch& patch : series_.patches) symbols.merge(added_symbols(patch.text));
  std::map<std::string, bool> found;
  for (const std::string& symbol : symbols) {
    const std::string name = symbol.substr(std::string_view("CONFIG_").size());
    KAIRO_TRY(const auto grep,
              git(paths_.check.src, {"grep", "--no-line-number", "-h", "--extended-regexp", "-A1",
                                     fmt::format("^(menu)?config {}$", name), "--", "*Kconfig*"}));
    // A KUnit option is not a feature that can be on or off in a product, and one without a prompt
    // is what others make of it.
    const bool prompt = grep.out.find(" \"") != std::string::npos;
    if (grep.exit_code == 0 && prompt && symbol.find("KUNIT") == std::string::npos)
      found[symbol] = grep.out.find("tristate") != std::string::npos;
  }
  return found;
}

Status Check::configure(std::string_view state) {
  KAIRO_TRY(const auto there, options());
  std::set<std::string> absent_is_fine;
  for (const Patch& patch : series_.patches) absent_is_fine.merge(added_symbols(patch.text));
  std::string more;
  for (const auto& [option, tristate] : there)
    more += state == "n" ? fmt::format("# {} is not set\n", option)
                         : fmt::format("{}={}\n", option, tristate ? state : "y");
  if (configured_ == more) return {};
  const MakeTree tree = make_tree();
  const auto done = configured_ ? change_config(tree, more)
                                : configure_kernel(tree, {kernel_dir() / "config" / "lab.config"},
                                                   more, absent_is_fine);
  if (done) configured_ = more;
  return done;
}

Status Check::build_state(const Patch& patch, std::string_view state) {
  const std::vector<std::string> targets = build_targets(patch.text);
  const std::string what = fmt::format("{} builds, options {}", patch.name, state);
  if (targets.empty()) {
    report(what, true, "no directory to compile");
    return {};
  }
  if (auto configured = configure(state); !configured) {
    report(what, false, configured.error().message);
    return {};
  }
  std::size_t steps = 0;
  const auto made = kernel_make(make_tree(), targets, compile_jobs(request_.jobs),
                                [&](std::string_view line) { steps += is_build_step(line); });
  if (!made) return fail(made.error());
  const std::vector<std::string> warnings = warnings_in(made->out, touched_paths(patch.text));
  std::string detail = fmt::format("{} steps in", steps);
  for (const std::string& target : targets) detail += " " + target;
  if (!warnings.empty()) detail = warnings.front();
  if (made->exit_code != 0) detail = last_lines(made->out, 6);
  report(what, made->exit_code == 0 && warnings.empty(), detail);
  return {};
}

Result<std::map<std::string, unsigned>> Check::sizes() {
  KAIRO_CHECK(configure("y"));
  const MakeTree tree = make_tree();
  KAIRO_TRY(const auto made, kernel_make(tree, kSizeObjects, 1));
  if (made.exit_code != 0)
    return fail(base::ErrorCode::kShort, "compiling for the structure sizes failed:\n{}",
                last_lines(made.out, 8));
  std::map<std::string, unsigned> all;
  for (const std::string& object : kSizeObjects) {
    std::string names;
    for (const std::string_view name : kStructures)
      names += (names.empty() ? "" : ",") + std::string(name);
    KAIRO_TRY(const auto text,
              base::run({.argv = {"pahole", "-C", names, (tree.build / object).string()}}));
    for (const auto& [name, size] : parse_pahole_sizes(text.out)) all[name] = size;
  }
  return all;
}

Status Check::builds() {
  KAIRO_TRY(const auto before, sizes());
  for (std::size_t i = request_.from - 1; i < series_.patches.size(); ++i) {
    KAIRO_CHECK(move_tree(paths_.check.src, commits_[i]));
    KAIRO_TRY(const auto there, options());
    // Before the first option exists all three states are the same kernel.
    for (const std::string_view state : kStates) {
      if (there.empty() && state != "y") continue;
      KAIRO_CHECK(build_state(series_.patches[i], state));
    }
  }
  KAIRO_TRY(const auto after, sizes());
  for (const std::string_view name : kStructures) {
    const auto old_size = before.find(std::string(name));
    const auto new_size = after.find(std::string(name));
    const bool known = old_size != before.end() && new_size != after.end();
    report(fmt::format("sizeof(struct {})", name), known && old_size->second == new_size->second,
           known ? fmt::format("base {} bytes, series {} bytes", old_size->second, new_size->second)
                 : "pahole does not find it");
  }
  return {};
}

Result<std::vector<CheckRow>> Check::run() {
  if (request_.from < 1 || request_.from > series_.patches.size())
    return fail(base::ErrorCode::kUsage, "--from {}: the series has the patches 1 to {}",
                request_.from, series_.patches.size());
  KAIRO_CHECK(base::require_program("perl", "perl"));
  KAIRO_CHECK(base::require_program("pahole", "pahole"));
  KAIRO_CHECK(prepare_tree());
  if (commits_.empty()) return rows_;
  KAIRO_CHECK(checkpatch());
  KAIRO_CHECK(uapi_header());
  if (!request_.fast) KAIRO_CHECK(builds());
  return rows_;
}

}  // namespace

Result<std::vector<CheckRow>> check_series(const CachePaths& paths, const CheckRequest& request) {
  // The check has trees of its own, so that a build can go on beside it.
  KAIRO_TRY(const auto lock, CacheLock::take(paths.check.src.parent_path()));
  KAIRO_TRY(auto series, load_series(series_dir()));
  return Check(paths, request, std::move(series)).run();
}

}  // namespace kairo::kernel
