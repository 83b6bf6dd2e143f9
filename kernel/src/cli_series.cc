// SPDX-License-Identifier: GPL-2.0-only
#include "cli_parts.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include "cache_lock.h"
#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/short_names.h"
#include "kairo/base/status_line.h"
#include "kairo/kernel/base_source.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/check.h"
#include "kairo/kernel/clear.h"
#include "kairo/kernel/export.h"
#include "kairo/kernel/series.h"
#include "kairo/kernel/step_log.h"
#include "progress_line.h"

namespace kairo::kernel {
namespace {

void say(std::string_view line) {
  fmt::print(stderr, "{}\n", line);
}

CachePaths paths() {
  return cache_paths(base::cache_dir());
}

// 0, or the status of the error after printing it.
int finish(const Status& status) {
  return status ? 0 : base::report_error(status.error());
}

void show(const std::string& text) {
  fmt::print(stderr, "{}", text);
  std::fflush(stderr);
}

void note(const Step& step, std::chrono::steady_clock::time_point begin) {
  if (const auto left = leave_step(step, begin); !left)
    say(fmt::format("kairo: warning: not noted: {}", left.error().message));
}

Result<FetchResult> fetched() {
  const CachePaths where = paths();
  // A tree that is there needs no lock: nobody waits for a build in another terminal.
  std::optional<CacheLock> lock;
  if (git_commit(where.main.src, kBaseTag).empty()) {
    KAIRO_TRY(auto taken, CacheLock::take(where.main.src.parent_path()));
    lock.emplace(std::move(taken));
  }
  auto result = fetch_base(where, series_dir() / "BASE", say);
  if (result && !result->tested)
    say(fmt::format("kairo: warning: the series was not tested on {} {} (see {}); trying it",
                    "linux-source-6.12", result->version, (series_dir() / "BASE").string()));
  return result;
}

int fetch() {
  const base::InterruptGuard guard;
  const auto result = fetched();
  if (!result) return base::report_error(result.error());
  fmt::print("{}: linux-source-{} {}{}\n", paths().main.src.string(), kBaseLine, result->version,
             result->was_there ? " (was there)" : "");
  return 0;
}

// The commits of the series on the fetched base.
Result<std::vector<std::string>> applied() {
  KAIRO_CHECK(fetched());
  const CachePaths where = paths();
  KAIRO_TRY(const auto lock, CacheLock::take(where.main.src.parent_path()));
  KAIRO_TRY(const auto series, load_series(series_dir()));
  return apply_series(series, where.main.src, where.apply);
}

int apply() {
  const base::InterruptGuard guard;
  const auto commits = applied();
  if (!commits) return base::report_error(commits.error());
  if (auto moved = move_tree(paths().main.src, commits->back()); !moved) return finish(moved);
  fmt::print("{}: {} patches applied, at {}\n", paths().main.src.string(), commits->size(),
             commits->back());
  return 0;
}

int checkout(const fs::path& named) {
  const base::InterruptGuard guard;
  const auto commits = applied();
  if (!commits) return base::report_error(commits.error());
  const fs::path tree = named.empty() ? paths().checkout : named;
  if (auto done = checkout_series(*commits, paths().main.src, tree); !done) return finish(done);
  fmt::print("{}: {} commits on the tag 'base'\n", tree.string(), commits->size());
  say(
      fmt::format("kairo: its commits are kept in {}: `kairo kernel export` before that is removed "
                  "(`kairo kernel clear` looks)",
                  paths().main.src.string()));
  return 0;
}

int export_tree(const fs::path& named) {
  const base::InterruptGuard guard;  // the series is written whole
  const fs::path tree = named.empty() ? paths().checkout : named;
  const auto count = export_series(tree, series_dir());
  if (!count) return base::report_error(count.error());
  fmt::print("{}: {} patches from {}\n", series_dir().string(), *count, tree.string());
  return 0;
}

int clear(bool force) {
  const CachePaths where = paths();
  if (auto cleared = clear_trees(where, force); !cleared) return finish(cleared);
  fmt::print("{}: trees and builds are removed\n", where.main.src.parent_path().string());
  return 0;
}

int build(BuildRequest request) {
  const base::InterruptGuard guard;
  if (const auto base = fetched(); !base) return base::report_error(base.error());
  using Clock = std::chrono::steady_clock;
  ProgressLine progress(::isatty(STDERR_FILENO) != 0);
  request.on_line = say;
  request.on_step = [&](std::size_t done, std::size_t total) {
    show(progress.step(done, total, Clock::now()));
  };
  const auto begin = Clock::now();
  const auto result = build_kernel(paths(), request);
  show(progress.end(Clock::now()));
  if (!result) return base::report_error(result.error());
  if (!result->was_there)
    note({.name = fmt::format("build-{}", request.base ? "base" : request.config),
          .command = request.base ? "kairo kernel build --base"
                                  : fmt::format("kairo kernel build --config {}", request.config),
          .series = result->id.series},
         begin);
  fmt::print("{}: series {}, config {}{}\n", result->image.string(), result->id.series,
             result->id.config, result->was_there ? " (nothing changed)" : "");
  return 0;
}

std::string check_command(const CheckRequest& request) {
  if (request.fast) return "kairo kernel check --fast";
  if (request.from > 1) return fmt::format("kairo kernel check --from {}", request.from);
  return "kairo kernel check";
}

int check(CheckRequest request) {
  const base::InterruptGuard guard;
  if (const auto base = fetched(); !base) return base::report_error(base.error());
  std::size_t number = 0;
  request.on_row = [&](const CheckRow& row) {
    fmt::print("{:3}  {}  {}: {}\n", ++number, row.good ? "ok  " : "FAIL", row.what, row.detail);
    std::fflush(stdout);
  };
  const auto begin = std::chrono::steady_clock::now();
  const auto rows = check_series(paths(), request);
  if (!rows) return base::report_error(rows.error());
  // A check that was ended has not failed.
  if (base::InterruptGuard::interrupted())
    return base::report_error({base::kInterrupted, "interrupted"});
  const auto bad =
      std::count_if(rows->begin(), rows->end(), [](const CheckRow& row) { return !row.good; });
  fmt::print("{} of {} checks failed\n", bad, rows->size());
  if (const auto series = load_series(series_dir()); series)
    note({.name = request.fast ? "check-fast" : "check",
          .command = check_command(request),
          .series = series->id(),
          .exit_status = bad == 0 ? 0 : static_cast<int>(base::ErrorCode::kShort),
          .note = fmt::format("{} of {} checks failed", bad, rows->size())},
         begin);
  return bad == 0 ? 0 : static_cast<int>(base::ErrorCode::kShort);
}

int matrix(const fs::path& out) {
  const auto series = load_series(series_dir());
  if (!series) return base::report_error(series.error());
  const auto drivers = base_drivers(*series);
  if (!drivers) return base::report_error(drivers.error());
  const auto steps = read_steps(steps_dir());
  if (!steps) return base::report_error(steps.error());
  const std::string text = kernel_matrix(*steps, series->id(), base_image_series(*drivers));
  if (!out.empty()) return finish(base::write_file(out, text));
  fmt::print("{}", text);
  return 0;
}

void add_build_command(CLI::App& kernel, int& exit_code) {
  const auto request = std::make_shared<BuildRequest>();
  CLI::App* const build_app =
      kernel.add_subcommand("build", "Build the patched kernel; prints the path of the bzImage.");
  build_app->footer("Example: kairo kernel build --config debug");
  build_app
      ->add_option("--config", request->config,
                   "lab, debug (KASAN, lockdep, KUnit), or stock: Debian's own kernel, the\n"
                   "scheduler as its module")
      ->capture_default_str();
  build_app->add_flag("--base", request->base,
                      "The base image, to compare with: the kernel without the series but for the\n"
                      "driver of the experiments' device");
  build_app->add_option("--jobs", request->jobs, "Compile jobs; default: one per processor");
  build_app->callback([request, &exit_code] { exit_code = build(*request); });
}

}  // namespace

void add_series_commands(CLI::App& kernel, int& exit_code) {
  CLI::App* const fetch_app = kernel.add_subcommand(
      "fetch", "Get the base source through apt, verify it and unpack it into the cache.");
  fetch_app->footer("The system's package sources stay as they are.\nExample: kairo kernel fetch");
  fetch_app->callback([&exit_code] { exit_code = fetch(); });

  CLI::App* const apply_app =
      kernel.add_subcommand("apply", "Apply the series to the tree in the cache with git am.");
  apply_app->footer("Example: kairo kernel apply");
  apply_app->callback([&exit_code] { exit_code = apply(); });

  const auto tree = std::make_shared<fs::path>();
  CLI::App* const checkout_app = kernel.add_subcommand(
      "checkout", "Make a git tree to work in: the base and one commit per patch.");
  checkout_app->footer("Example: kairo kernel checkout ~/linux-kairo");
  checkout_app->add_option("DIR", *tree, "The tree; default: 6.12/checkout in the cache");
  checkout_app->callback([tree, &exit_code] { exit_code = checkout(*tree); });

  CLI::App* const export_app = kernel.add_subcommand(
      "export", "Write the commits of a tree back as the series; the cover letter's text is kept.");
  export_app->footer("Example: kairo kernel export ~/linux-kairo");
  export_app->add_option("DIR", *tree, "The tree; default: 6.12/checkout in the cache");
  export_app->callback([tree, &exit_code] { exit_code = export_tree(*tree); });

  const auto force = std::make_shared<bool>(false);
  CLI::App* const clear_app = kernel.add_subcommand(
      "clear", "Remove the trees and builds from the cache, unless work would be lost with them.");
  clear_app->footer("Downloads and ccache stay.\nExample: kairo kernel clear");
  clear_app->add_flag("--force", *force, "Also commits and changes that are not exported");
  clear_app->callback([force, &exit_code] { exit_code = clear(*force); });

  add_build_command(kernel, exit_code);

  const auto matrix_out = std::make_shared<fs::path>();
  CLI::App* const matrix_app = kernel.add_subcommand(
      "matrix", "What check, build, boot, the guest tests and experiments noted of this series.");
  matrix_app->footer("Example: kairo kernel matrix --out docs/kernel-matrix.md");
  matrix_app->add_option("--out", *matrix_out, "File to write; default: standard output");
  matrix_app->callback([matrix_out, &exit_code] { exit_code = matrix(*matrix_out); });

  const auto wanted = std::make_shared<CheckRequest>();
  CLI::App* const check_app = kernel.add_subcommand(
      "check", "Check the series patch by patch: applies, style, builds, structure sizes.");
  check_app->footer("Example: kairo kernel check --fast");
  check_app->add_flag("--fast", wanted->fast, "Leave out what compiles");
  check_app->add_option("--from", wanted->from,
                        "Compile from the patch with this number on; 1 (default) is all of them");
  check_app->add_option("--jobs", wanted->jobs, "Compile jobs; default: one per processor");
  check_app->callback([wanted, &exit_code] { exit_code = check(*wanted); });
}

}  // namespace kairo::kernel
