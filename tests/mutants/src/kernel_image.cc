// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_image.h"

#include <cstdio>

#include "cache_lock.h"
#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/sha256.h"
#include "kairo/base/short_names.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"
#include "make.h"

namespace kairo::mutants {
namespace {

constexpr std::size_t kShortId = 8;

// A tree at the last commit of the series with the patch in it.
Status prepare_tree(const kernel::CachePaths& paths, const kernel::Series& series,
                    const fs::path& tree, const fs::path& switches) {
  KAIRO_TRY(const auto lock, kernel::CacheLock::take(paths.main.src.parent_path()));
  KAIRO_TRY(const auto commits, kernel::apply_series(series, paths.main.src, paths.apply));
  if (!kernel::git_commit(tree, "HEAD").empty())
    KAIRO_CHECK(kernel::git_text(tree, {"reset", "--quiet", "--hard"}));
  KAIRO_CHECK(kernel::ensure_worktree(paths.main.src, tree, commits.back()));
  const auto applied =
      kernel::git_text(tree, {"apply", "--index", "--3way", fs::absolute(switches).string()});
  if (!applied)
    return fail(applied.error(), switches.string() + " (rebase it: see README.md beside it)");
  return {};
}

}  // namespace

Result<fs::path> build_switched_kernel(const fs::path& switches, unsigned jobs) {
  KAIRO_TRY(const auto patch, base::read_file(switches, 1U << 20));
  KAIRO_TRY(const auto series, kernel::load_series(kernel::series_dir()));
  const fs::path config = kernel::kernel_dir() / "config" / "lab.config";
  KAIRO_TRY(const auto fragment, base::read_file(config, 1U << 20));

  const kernel::CachePaths paths = kernel::cache_paths(base::cache_dir());
  const fs::path line = paths.main.src.parent_path();
  const kernel::MakeTree tree = {.src = line / "mutants" / "src",
                                 .build = line / "mutants" / "build" / "lab",
                                 .ccache = paths.ccache,
                                 .cache = paths.ccache.parent_path(),
                                 .local_version = "-kairo-" + series.id().substr(0, kShortId)};
  const fs::path image = tree.build / "arch/x86/boot/bzImage";
  const fs::path id_file = tree.build / "kairo-build-id";
  // The guest tests look for the series in it.
  const std::string id = fmt::format("series={}\nswitches={}\nconfig={}\n", series.id(),
                                     base::sha256(patch), base::sha256(fragment));
  std::error_code ignored;
  const auto built = base::read_file(id_file);
  if (built && *built == id && fs::exists(image, ignored)) return image;

  KAIRO_CHECK(prepare_tree(paths, series, tree.src, switches));
  fs::remove(id_file, ignored);
  KAIRO_CHECK(kernel::configure_kernel(tree, {config}, {}, {}));
  std::printf("%s: being built\n", image.c_str());
  std::fflush(stdout);
  KAIRO_TRY(const auto made, kernel::kernel_make(tree, {"bzImage"}, jobs));
  KAIRO_CHECK(base::write_file(tree.build / "kairo-build.log", made.out));
  if (made.exit_code != 0)
    return bad_input("{}: the kernel with the switches does not compile (see {})",
                     switches.string(), (tree.build / "kairo-build.log").string());
  KAIRO_CHECK(base::write_file(id_file, id));
  return image;
}

}  // namespace kairo::mutants
