// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/stock.h"

#include "build_folder.h"
#include "cache_lock.h"
#include "debian_kernel.h"
#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/kernel/base_source.h"
#include "kairo/kernel/console_log.h"
#include "kairo/kernel/series.h"
#include "layout.h"
#include "make.h"

namespace kairo::kernel {
namespace {

constexpr const char* kOurModules[] = {"drivers/block/kairo_ssd/kairo_ssd",
                                       "block/kairo/kairo-iosched"};

constexpr std::string_view kModules = "modules";  // in the build folder
constexpr std::string_view kOrder = "order";      // in that: a module and its parameters a line

constexpr const char* kDebianModules = "debian-modules";

// Of the series; beside them all block/*.h of the base.
const std::vector<std::string> kSources = {"block/kairo",
                                           "drivers/block/kairo_ssd",
                                           "include/linux/ioprio.h",
                                           "include/linux/kairo_context.h",
                                           "include/uapi/linux/ioprio.h",
                                           "include/uapi/linux/kairo.h",
                                           "include/trace/events/kairo.h"};

std::vector<fs::path> module_files() {
  const fs::path folder = kernel_dir() / "module";
  return {folder / "6.12.patch", folder / "Kbuild", folder / kDebianModules, folder / "stock.c",
          folder / "stock.h"};
}

Status unpack(const fs::path& repository, const std::string& commit,
              const std::vector<std::string>& names, const fs::path& folder) {
  const fs::path archive = folder / "kairo-sources.tar";
  std::vector<std::string> arguments = {"archive", "--output", archive.string(), commit};
  arguments.insert(arguments.end(), names.begin(), names.end());
  KAIRO_CHECK(git_text(repository, arguments));
  KAIRO_CHECK(base::run_ok(
      {.argv = {"tar", "--extract", "--file", archive.string()}, .directory = folder}));
  std::error_code ignored;
  fs::remove(archive, ignored);
  return {};
}

// The folder that the modules are made in: sources of the series, private headers of the base, and
// what kernel/module adds.
Status gather_sources(const CachePaths& paths, const std::string& commit, const fs::path& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  KAIRO_CHECK(base::make_directory(folder));
  KAIRO_CHECK(unpack(paths.main.src, commit, kSources, folder));
  KAIRO_TRY(const auto listed,
            git_text(paths.main.src, {"ls-tree", "--name-only", std::string(kBaseTag), "block/"}));
  std::vector<std::string> headers;
  for (const std::string_view name : base::split_lines(listed))
    if (name.ends_with(".h")) headers.emplace_back(name);
  KAIRO_CHECK(unpack(paths.main.src, std::string(kBaseTag), headers, folder));
  const fs::path module = kernel_dir() / "module";
  for (const auto& [from, to] : {std::pair{"Kbuild", "Kbuild"}, std::pair{"stock.h", "stock.h"},
                                 std::pair{"stock.c", "block/kairo/stock.c"}}) {
    KAIRO_TRY(const auto text, base::read_file(module / from, 1U << 20));
    KAIRO_CHECK(base::write_file(folder / to, text));
  }
  // A repository above the folder, which the cache may be in, is none of its business.
  const auto applied =
      base::run_ok({.argv = {"git", "apply", "--verbose", (module / "6.12.patch").string()},
                    .directory = folder,
                    .environment = {{"GIT_CEILING_DIRECTORIES", folder.parent_path().string()}},
                    .merge_stderr = true});
  if (!applied) return fail(applied.error(), "the series changed what a stock kernel lacks");
  return {};
}

Status make_modules(const DebianKernel& kernel, const fs::path& folder, const fs::path& log,
                    unsigned jobs) {
  for (const auto& [program, package] :
       {std::pair{"make", "make"}, std::pair{"gcc-12", "gcc-12"}, std::pair{"pahole", "dwarves"}})
    KAIRO_CHECK(base::require_program(program, package));
  KAIRO_TRY(const auto made,
            base::run({.argv = {"make", "-C", kernel.headers.string(), "M=" + folder.string(),
                                fmt::format("-j{}", jobs), "CONFIG_MQ_IOSCHED_KAIRO=m",
                                "CONFIG_BLK_DEV_KAIRO_SSD=m", "modules"},
                       .environment = {{"LC_ALL", "C"}, {"MAKEFLAGS", ""}},
                       .merge_stderr = true}));
  KAIRO_CHECK(base::write_file(log, made.out));
  const bool warned = made.out.find(": warning: ") != std::string::npos;
  if (made.exit_code == 0 && !warned) return {};
  return fail(ErrorCode::kShort, "the modules do not compile{} (all output: {}):\n{}",
              made.exit_code == 0 ? " without a warning" : "", log.string(),
              last_lines(made.out, 15));
}

// Without what a debugger wants, which is 15 times as much.
Status strip_module(const fs::path& from, const fs::path& to) {
  KAIRO_CHECK(base::run_ok({.argv = {"strip", "--strip-debug", "-o", to.string(), from.string()}}));
  return {};
}

Status collect_modules(const DebianKernel& kernel, const fs::path& source, const fs::path& build) {
  const fs::path folder = build / kModules;
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  KAIRO_CHECK(base::make_directory(folder));
  std::string order;
  KAIRO_TRY(const auto list, base::read_file(kernel_dir() / "module" / kDebianModules, 1U << 16));
  for (const std::string_view line : base::split_lines(list)) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::string_view name = line.substr(0, line.find(' '));
    KAIRO_CHECK(copy_module(kernel, name, folder / fmt::format("{}.ko", name)));
    order += fmt::format("{}.ko{}\n", name, line.substr(name.size()));
  }
  for (const char* const path : kOurModules) {
    const std::string name = fs::path(path).filename().string() + ".ko";
    KAIRO_CHECK(strip_module(source / (std::string(path) + ".ko"), folder / name));
    order += name + '\n';
  }
  return base::write_file(folder / kOrder, order);
}

Status copy_image(const fs::path& from, const fs::path& to) {
  KAIRO_CHECK(base::make_directory(to.parent_path()));
  std::error_code status;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, status);
  if (status) return bad_input("{}: cannot be copied: {}", from.string(), status.message());
  return {};
}

}  // namespace

Result<BuildResult> build_stock(const CachePaths& paths, const BuildRequest& request) {
  const std::string base_commit = git_commit(paths.main.src, kBaseTag);
  const std::string version = base_package_version(paths.main.src);
  if (base_commit.empty() || version.empty())
    return bad_input("{}: no base source there (run `kairo kernel fetch`)",
                     paths.main.src.string());
  KAIRO_TRY(const auto series, load_series(series_dir()));
  KAIRO_TRY(const auto config, hash_files(module_files()));
  BuildResult result{.image = paths.stock.build / "lab" / kImagePath,
                     .build = paths.stock.build / "lab",
                     .id = {base_commit, stock_image_series(series.id()), config}};
  result.was_there = is_built(result);
  if (result.was_there) return result;
  KAIRO_TRY(const auto lock, CacheLock::take(paths.main.src.parent_path()));
  const auto say = [&](std::string_view what) {
    if (request.on_line) request.on_line(what);
  };
  KAIRO_TRY(const auto kernel, fetch_debian_kernel(paths, version, say));
  say("applying the series");
  KAIRO_TRY(const auto commits, apply_series(series, paths.main.src, paths.apply));
  std::error_code ignored;
  fs::remove(result.build / kIdFile, ignored);
  KAIRO_CHECK(base::make_directory(result.build));
  KAIRO_CHECK(gather_sources(paths, commits.back(), paths.stock.src));
  say(fmt::format("compiling the modules for {}", kernel.release));
  KAIRO_CHECK(
      make_modules(kernel, paths.stock.src, result.build / kLogFile, compile_jobs(request.jobs)));
  for (const char* const structure : kSharedStructures)
    KAIRO_CHECK(
        same_layout(kernel.headers / "vmlinux", paths.stock.src / "block/kairo/main.o", structure));
  KAIRO_CHECK(collect_modules(kernel, paths.stock.src, result.build));
  KAIRO_CHECK(copy_image(kernel.image, result.image));
  KAIRO_CHECK(write_build_id(result.build, result.id));
  return result;
}

Result<std::vector<KernelModule>> image_modules(const fs::path& image) {
  const fs::path folder = build_of_image(fs::absolute(image)) / kModules;
  const auto order = base::read_file(folder / kOrder, 1U << 16);
  std::vector<KernelModule> modules;
  if (!order) return modules;
  for (const std::string_view line : base::split_lines(*order)) {
    const std::string_view name = line.substr(0, line.find(' '));
    modules.push_back({folder / name, std::string(line.substr(name.size()))});
    std::error_code ignored;
    if (!fs::exists(modules.back().file, ignored))
      return bad_input(
          "{}: names {}, which is not there (build it again: `kairo kernel build "
          "--config stock`)",
          (folder / kOrder).string(), name);
  }
  return modules;
}

}  // namespace kairo::kernel
