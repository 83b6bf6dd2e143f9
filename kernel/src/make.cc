// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <algorithm>
#include <thread>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/kernel/console_log.h"

namespace kairo::kernel {

using base::ProcessResult;

namespace {

Status require_tools() {
  for (const auto& [program, package] :
       {std::pair{"make", "make"}, std::pair{"gcc", "gcc"}, std::pair{"flex", "flex"},
        std::pair{"bison", "bison"}, std::pair{"bc", "bc"}, std::pair{"pahole", "pahole"}}) {
    KAIRO_CHECK(base::require_program(program, package));
  }
  return {};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "\n  " + line;
  return out;
}

// Fills in the rest of a .config and verifies that it has what was asked for.
Status settle(const MakeTree& tree, KernelConfig asked,
              const std::set<std::string>& absent_is_fine) {
  KAIRO_CHECK(kernel_make(tree, {"olddefconfig"}, 1));
  KAIRO_TRY(const auto text, base::read_file(tree.build / ".config", 16U << 20));
  KAIRO_TRY(const auto final, parse_config(text, (tree.build / ".config").string()));
  for (const std::string& symbol : absent_is_fine) {
    if (final.count(symbol) == 0) asked.erase(symbol);
  }
  const std::vector<std::string> unmet = unmet_requests(asked, final);
  if (!unmet.empty())
    return fail(ErrorCode::kInput,
                "{}: {} symbol(s) did not come out as asked (a dependency is missing, or the "
                "symbol does not exist in this kernel):{}",
                (tree.build / ".config").string(), unmet.size(), joined(unmet));
  return {};
}

}  // namespace

Result<ProcessResult> kernel_make(const MakeTree& tree, const std::vector<std::string>& targets,
                                  unsigned jobs,
                                  const std::function<void(std::string_view)>& on_line) {
  KAIRO_CHECK(require_tools());
  KAIRO_CHECK(base::make_directory(tree.build));
  const bool ccache = !base::find_program("ccache").empty();
  std::vector<std::string> argv = {"make",
                                   "-C",
                                   tree.src.string(),
                                   "O=" + tree.build.string(),
                                   fmt::format("-j{}", jobs),
                                   ccache ? "CC=ccache gcc" : "CC=gcc",
                                   "KCFLAGS=",
                                   "LOCALVERSION=" + tree.local_version};
  argv.insert(argv.end(), targets.begin(), targets.end());
  return base::run({.argv = std::move(argv),
                    .environment = {{"LC_ALL", "C"},
                                    {"KBUILD_BUILD_TIMESTAMP", "Thu Jan  1 00:00:00 UTC 2026"},
                                    {"KBUILD_BUILD_USER", "kairo"},
                                    {"KBUILD_BUILD_HOST", "localhost"},
                                    {"KBUILD_BUILD_VERSION", "1"},
                                    {"MAKEFLAGS", ""},
                                    {"CCACHE_DIR", tree.ccache.string()},
                                    {"CCACHE_BASEDIR", tree.cache.string()},
                                    {"CCACHE_NOHASHDIR", "1"},
                                    // kbuild has gcc list what it includes: no second look
                                    {"CCACHE_DEPEND", "1"},
                                    {"CCACHE_MAXSIZE", "8G"}},
                    .merge_stderr = true,
                    .on_line = on_line});
}

Status configure_kernel(const MakeTree& tree, const std::vector<fs::path>& fragments,
                        std::string_view more, const std::set<std::string>& absent_is_fine) {
  KAIRO_TRY(const auto made, kernel_make(tree, {"tinyconfig"}, 1));
  if (made.exit_code != 0)
    return fail(ErrorCode::kShort, "{}: make tinyconfig failed:\n{}", tree.src.string(),
                last_lines(made.out, 10));
  KernelConfig asked;
  std::vector<std::string> argv = {(tree.src / "scripts/kconfig/merge_config.sh").string(), "-m",
                                   "-O", tree.build.string(), (tree.build / ".config").string()};
  std::vector<fs::path> files = fragments;
  if (!more.empty()) {
    files.push_back(tree.build / "kairo-more.config");
    KAIRO_CHECK(base::write_file(files.back(), more));
  }
  for (const fs::path& file : files) {
    KAIRO_TRY(const auto text, base::read_file(file, 1U << 20));
    KAIRO_TRY(const auto fragment, parse_config(text, file.string()));
    for (const auto& [symbol, value] : fragment) asked[symbol] = value;
    argv.push_back(file.string());
  }
  KAIRO_CHECK(
      base::run_ok({.argv = argv, .directory = tree.src, .environment = {{"LC_ALL", "C"}}}));
  return settle(tree, std::move(asked), absent_is_fine);
}

Status change_config(const MakeTree& tree, std::string_view more) {
  const fs::path file = tree.build / ".config";
  KAIRO_TRY(const auto before, base::read_file(file, 16U << 20));
  KAIRO_TRY(auto asked, parse_config(more, "options"));
  // Of two lines for one symbol kconfig takes the last.
  KAIRO_CHECK(base::write_file(file, before + std::string(more)));
  return settle(tree, std::move(asked), {});
}

unsigned compile_jobs(unsigned asked) {
  return asked != 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

bool is_build_step(std::string_view line) {
  return line.size() > 10 && line.starts_with("  ") && line[2] >= 'A' && line[2] <= 'Z' &&
         line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", 2) !=
             std::string_view::npos &&
         line[line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", 2)] == ' ';
}

std::vector<std::string> warnings_in(std::string_view log, const std::set<std::string>& touched) {
  std::vector<std::string> found;
  for (const std::string_view line : base::split_lines(log)) {
    if (line.find(": warning: ") == std::string_view::npos && !line.starts_with("WARNING: modpost"))
      continue;
    std::string_view path = line.substr(0, line.find(':'));
    const bool ours = line.starts_with("WARNING: modpost") ||
                      std::any_of(touched.begin(), touched.end(), [&](const std::string& name) {
                        return path == name ||
                               (path.ends_with(name) && path[path.size() - name.size() - 1] == '/');
                      });
    // A header's warning is printed once per file that includes it.
    if (ours && std::find(found.begin(), found.end(), line) == found.end())
      found.emplace_back(line);
  }
  return found;
}

}  // namespace kairo::kernel
