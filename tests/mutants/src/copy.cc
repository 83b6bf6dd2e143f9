// SPDX-License-Identifier: GPL-2.0-only
#include "copy.h"

#include "git.h"
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::mutants {

Result<Copy> Copy::make(const fs::path& source, unsigned jobs) {
  Copy out(base::cache_dir() / "mutants" / "user", jobs);
  KAIRO_TRY(const auto head, kernel::git_text(source, {"rev-parse", "HEAD"}));
  out.commit_ = head;
  if (!fs::exists(out.path_ / ".git")) {
    KAIRO_CHECK(base::make_directory(out.path_));
    // Not a worktree: the copy outlives the checkout, and must not show up in it.
    KAIRO_CHECK(kernel::git_text(out.path_, {"init", "--quiet"}));
  }
  const std::vector<std::vector<std::string>> steps = {
      {"fetch", "--quiet", "--depth=1", fs::absolute(source).string(), head},
      {"checkout", "--quiet", "--force", "--detach", head}};
  for (const auto& arguments : steps) KAIRO_CHECK(kernel::git_text(out.path_, arguments));
  KAIRO_CHECK(base::run_ok({.argv = {"cmake", "--preset", "default", "-DKAIRO_BENCHMARKS=OFF"},
                            .directory = out.path_}));
  return out;
}

Result<std::string> Copy::build(const std::vector<std::string>& programs) const {
  std::vector<std::string> argv = {
      "cmake", "--build", "build/default", "-j", std::to_string(jobs_), "--target"};
  argv.insert(argv.end(), programs.begin(), programs.end());
  KAIRO_TRY(const auto built,
            base::run({.argv = argv,
                       .directory = path_,
                       .environment = {{"CCACHE_BASEDIR", path_.parent_path().string()},
                                       {"CCACHE_NOHASHDIR", "1"}},
                       .merge_stderr = true}));
  if (built.exit_code == 0) return std::string();
  for (const std::string_view line : base::split_lines(built.out))
    if (line.find("error:") != std::string_view::npos) return std::string(line);
  return "the build failed: " +
         built.out.substr(built.out.size() - std::min<std::size_t>(built.out.size(), 500));
}

Result<TestRun> Copy::test(const std::string& program, const std::string& filter) const {
  return run_tests({.build = path_ / "build" / "default", .program = program, .filter = filter});
}

Status Copy::restore() const {
  KAIRO_CHECK(kernel::git_text(path_, {"checkout", "--quiet", "--force", "."}));
  return {};
}

}  // namespace kairo::mutants
