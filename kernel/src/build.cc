// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/build.h"

#include <algorithm>
#include <map>

#include "build_folder.h"
#include "cache_lock.h"
#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/sha256.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/kernel/console_log.h"
#include "kairo/kernel/series.h"
#include "kairo/kernel/stock.h"
#include "make.h"

namespace kairo::kernel {
namespace {

constexpr std::string_view kStepsFile = "kairo-steps";
// Steps of a first build, until this cache has counted its own.
constexpr std::size_t kTypicalSteps = 2200;
constexpr std::uint64_t kBuildBytes = 3ULL << 30;
constexpr std::size_t kShortId = 8;
constexpr std::size_t kCommitDigits = 12;

Status require_config_name(const BuildRequest& request) {
  if (request.config != "lab" && request.config != "debug" && request.config != "stock")
    return fail(ErrorCode::kUsage, "--config '{}': unknown (lab, debug or stock)", request.config);
  if (request.base && request.config != "lab")
    return fail(ErrorCode::kUsage, "--base: the base image is built with --config lab");
  return {};
}

std::vector<fs::path> fragments_of(const std::string& config) {
  const fs::path folder = kernel_dir() / "config";
  std::vector<fs::path> files = {folder / "lab.config"};
  if (config == "debug") files.push_back(folder / "debug.config");
  return files;
}

// The errors of a failed make, or its last words.
std::string make_errors(std::string_view log) {
  std::string errors;
  for (const std::string_view line : base::split_lines(log)) {
    if (errors.size() >= 2000) break;
    if (line.find("error:") != std::string_view::npos) errors.append(line).append("\n");
  }
  return errors.empty() ? last_lines(log, 15) : errors;
}

// make looks at times, so a file that was warned about is made new: the next build compiles it, and
// warns, again.
void touch_warned(const fs::path& src, const std::vector<std::string>& warnings,
                  const std::set<std::string>& touched) {
  std::error_code ignored;
  for (const std::string& warning : warnings) {
    for (const std::string& name : touched) {
      if (warning.find(name + ":") != std::string::npos)
        fs::last_write_time(src / name, fs::file_time_type::clock::now(), ignored);
    }
  }
}

// What `kairo kernel build` has to be told for an image.
std::string build_options(std::string_view config) {
  return config == "base" ? "--base" : fmt::format("--config {}", config);
}

struct Plan {
  MakeTree tree;
  BuildId id;
  std::set<std::string> touched;         // by the series
  std::set<std::string> absent_is_fine;  // symbols the tree need not know
};

// The options of the series that a part of it does not have.
std::set<std::string> missing_symbols(const Series& whole, const Series& part) {
  std::set<std::string> missing;
  for (const Patch& patch : whole.patches) missing.merge(added_symbols(patch.text));
  for (const Patch& patch : part.patches)
    for (const std::string& symbol : added_symbols(patch.text)) missing.erase(symbol);
  return missing;
}

Status compile(const Plan& plan, const BuildRequest& request) {
  std::size_t total = kTypicalSteps;
  if (const auto known = base::read_file(plan.tree.build / kStepsFile)) {
    if (const auto count = base::parse_u64(known->substr(0, known->find('\n')))) total = *count;
  }
  std::error_code ignored;
  const bool full = !fs::exists(plan.tree.build / "vmlinux.o", ignored);
  std::size_t done = 0;
  if (request.on_step) request.on_step(done, full ? total : 0);
  const unsigned jobs = compile_jobs(request.jobs);
  const auto made = kernel_make(plan.tree, {"bzImage"}, jobs, [&](std::string_view line) {
    if (!is_build_step(line)) return;
    ++done;
    if (request.on_step) request.on_step(done, full ? std::max(done, total) : 0);
  });
  if (!made) return fail(made.error());
  const fs::path log = plan.tree.build / kLogFile;
  KAIRO_CHECK(base::write_file(log, made->out));
  if (made->exit_code != 0)
    return fail(ErrorCode::kShort, "the kernel does not compile (all output: {}):\n{}",
                log.string(), make_errors(made->out));
  const std::vector<std::string> warnings = warnings_in(made->out, plan.touched);
  if (!warnings.empty()) {
    touch_warned(plan.tree.src, warnings, plan.touched);
    std::string text;
    for (const std::string& warning : warnings) text += "\n" + warning;
    return fail(ErrorCode::kShort, "{} warning(s) in files that the series touches:{}",
                warnings.size(), text);
  }
  // Only a full build tells the total.
  if (done >= total / 2)
    return base::write_file(plan.tree.build / kStepsFile, fmt::format("{}\n", done));
  return {};
}

}  // namespace

fs::path build_of_image(const fs::path& image) {
  return image.parent_path().parent_path().parent_path().parent_path();
}

bool is_built(const BuildResult& result) {
  std::error_code ignored;
  const auto there = image_build_id(result.image);
  return there && *there == result.id && fs::exists(result.image, ignored);
}

Status write_build_id(const fs::path& build, const BuildId& id) {
  return base::write_file(build / kIdFile, fmt::format("base_commit={}\nseries={}\nconfig={}\n",
                                                       id.base_commit, id.series, id.config));
}

Result<std::string> hash_files(const std::vector<fs::path>& files) {
  std::string all;
  for (const fs::path& file : files) {
    KAIRO_TRY(const auto text, base::read_file(file, 1U << 20));
    all += text;
  }
  return base::sha256(all).substr(0, 12);
}

std::string base_image_series(const Series& drivers) {
  return "base-" + drivers.id();
}

std::string stock_image_series(std::string_view series) {
  return "stock-" + std::string(series);
}

std::string build_id_text(const BuildId& id) {
  return fmt::format("{} {} {}", id.base_commit.substr(0, kCommitDigits), id.series, id.config);
}

Result<BuildId> image_build_id(const fs::path& image) {
  KAIRO_TRY(const auto text, base::read_file(build_of_image(image) / kIdFile, 4096));
  BuildId id;
  for (const std::string_view line : base::split_lines(text)) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string value(line.substr(equals + 1));
    if (line.starts_with("base_commit=")) id.base_commit = value;
    if (line.starts_with("series=")) id.series = value;
    if (line.starts_with("config=")) id.config = value;
  }
  return id;
}

Result<BuildResult> build_kernel(const CachePaths& paths, const BuildRequest& request) {
  KAIRO_CHECK(require_config_name(request));
  if (request.config == "stock") return build_stock(paths, request);
  const std::string base_commit = git_commit(paths.main.src, kBaseTag);
  if (base_commit.empty())
    return bad_input("{}: no base source there (run `kairo kernel fetch`)",
                     paths.main.src.string());
  const auto whole = load_series(series_dir());
  if (!whole) return fail(whole.error());
  KAIRO_TRY(const auto series, request.base ? base_drivers(*whole) : whole);
  const std::vector<fs::path> fragments = fragments_of(request.config);
  KAIRO_TRY(const auto config, hash_files(fragments));

  const Tree& tree = request.base ? paths.base : paths.main;
  const std::string short_id = series.id().substr(0, kShortId);
  Plan plan;
  plan.id = {base_commit, request.base ? base_image_series(series) : series.id(), config};
  plan.touched = touched_paths(series);
  plan.tree = {.src = tree.src,
               .build = tree.build / request.config,
               .ccache = paths.ccache,
               .cache = paths.ccache.parent_path(),
               .local_version = (request.base ? "-base-" : "-kairo-") + short_id};
  BuildResult result{
      .image = plan.tree.build / kImagePath, .build = plan.tree.build, .id = plan.id};
  result.was_there = is_built(result);
  if (result.was_there) return result;
  KAIRO_TRY(const auto lock, CacheLock::take(paths.main.src.parent_path()));
  KAIRO_CHECK(base::require_free_space(plan.tree.build, kBuildBytes));

  const auto say = [&](std::string_view what) {
    if (request.on_line) request.on_line(what);
  };
  say("applying the series");
  KAIRO_TRY(const auto commits, apply_series(series, paths.main.src, paths.apply));
  if (request.base) {
    plan.absent_is_fine = missing_symbols(*whole, series);
    KAIRO_CHECK(ensure_worktree(paths.main.src, tree.src, commits.back()));
  } else if (auto moved = move_tree(tree.src, commits.back()); !moved) {
    return fail(moved.error());
  }
  std::error_code ignored;
  fs::remove(plan.tree.build / kIdFile, ignored);
  say("configuring");
  KAIRO_CHECK(configure_kernel(plan.tree, fragments, {}, plan.absent_is_fine));
  KAIRO_CHECK(compile(plan, request));
  KAIRO_CHECK(write_build_id(plan.tree.build, plan.id));
  return result;
}

Result<fs::path> built_image(std::string_view config) {
  const CachePaths paths = cache_paths(base::cache_dir());
  const std::map<std::string_view, fs::path> builds = {{"lab", paths.main.build / "lab"},
                                                       {"debug", paths.main.build / "debug"},
                                                       {"base", paths.base.build / "lab"},
                                                       {"stock", paths.stock.build / "lab"}};
  const auto found = builds.find(config);
  if (found == builds.end())
    return fail(ErrorCode::kUsage, "--config '{}': unknown (lab, debug, base or stock)", config);
  const fs::path& build = found->second;
  std::error_code ignored;
  if (!fs::exists(build / kImagePath, ignored) || !fs::exists(build / kIdFile, ignored))
    return fail(ErrorCode::kUnavailable, "{}: not built (run `kairo kernel build {}`)",
                (build / kImagePath).string(), build_options(config));
  return build / kImagePath;
}

Result<fs::path> current_image(std::string_view config) {
  const auto image = built_image(config);
  if (!image) return image;
  KAIRO_TRY(const auto id, image_build_id(*image));
  KAIRO_TRY(const auto whole, load_series(series_dir()));
  KAIRO_TRY(const auto drivers, base_drivers(whole));
  const std::string wanted = config == "base"    ? base_image_series(drivers)
                             : config == "stock" ? stock_image_series(whole.id())
                                                 : whole.id();
  if (id.series != wanted)
    return fail(ErrorCode::kUnavailable,
                "{}: of other patches than the series has now (run `kairo kernel build {}`)",
                image->string(), build_options(config));
  return image;
}

}  // namespace kairo::kernel
