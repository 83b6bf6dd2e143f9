// SPDX-License-Identifier: GPL-2.0-only
#include "apt.h"

#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/kernel/base_source.h"
#include "kairo/kernel/console_log.h"

namespace kairo::kernel {

std::vector<std::string> Apt::options() const {
  // The sandbox user cannot write to a folder below somebody's home.
  std::vector<std::string> out = {"-o", "APT::Sandbox::User="};
  if (!use_private_) return out;
  for (const auto& [name, path] : {std::pair{"Dir::State::lists", private_ / "lists"},
                                   std::pair{"Dir::Cache", private_ / "cache"}})
    out.insert(out.end(), {"-o", fmt::format("{}={}", name, path.string())});
  return out;
}

Result<std::string> Apt::ask(const std::vector<std::string>& question, const std::string& what,
                             const std::function<void(std::string_view)>& on_line) {
  for (const char* const program : {"apt-cache", "apt-get"})
    KAIRO_CHECK(base::require_program(program, "apt"));
  const auto answer = [&]() -> Result<std::string> {
    std::vector<std::string> argv = {"apt-cache"};
    for (std::string& option : options()) argv.push_back(std::move(option));
    argv.insert(argv.end(), question.begin(), question.end());
    KAIRO_TRY(auto done, base::run({.argv = argv, .environment = {{"LC_ALL", "C"}}}));
    return std::move(done.out);
  };
  auto found = answer();
  if (!found || !found->empty() || use_private_) return found;

  on_line("the system's package lists do not have " + what + ": fetching private lists");
  use_private_ = true;
  for (const char* const folder : {"lists/partial", "cache/archives/partial"})
    KAIRO_CHECK(base::make_directory(private_ / folder));
  std::vector<std::string> argv = {"apt-get"};
  for (std::string& option : options()) argv.push_back(std::move(option));
  argv.insert(argv.end(), {"--quiet", "update"});
  KAIRO_TRY(const auto updated, base::run({.argv = argv,
                                           .environment = {{"LC_ALL", "C"}},
                                           .merge_stderr = true,
                                           .on_line = on_line}));
  found = answer();
  if (found && found->empty())
    return fail(
        ErrorCode::kUnavailable,
        "apt has no package {} (it is in Debian 12's bookworm-security: is that suite among "
        "the system's sources, and is the network up?){}",
        what, updated.exit_code == 0 ? "" : "\napt-get update: " + last_lines(updated.out, 3));
  return found;
}

Result<std::vector<std::string>> Apt::versions(
    const std::string& package, const std::function<void(std::string_view)>& on_line) {
  KAIRO_TRY(const auto answer, ask({"madison", package}, package, on_line));
  return parse_madison(answer);
}

Result<std::vector<std::string>> Apt::names(const std::string& prefix,
                                            const std::function<void(std::string_view)>& on_line) {
  KAIRO_TRY(const auto answer, ask({"pkgnames", prefix}, prefix + "*", on_line));
  const auto lines = base::split_lines(answer);
  return std::vector<std::string>(lines.begin(), lines.end());
}

Status Apt::download(const std::string& package, const std::string& version,
                     const std::filesystem::path& folder) const {
  KAIRO_CHECK(base::make_directory(folder));
  std::vector<std::string> argv = {"apt-get"};
  for (std::string& option : options()) argv.push_back(std::move(option));
  argv.insert(argv.end(), {"--quiet", "download", package + "=" + version});
  KAIRO_TRY(const auto done,
            base::run({.argv = argv, .directory = folder, .environment = {{"LC_ALL", "C"}}}));
  if (done.exit_code != 0)
    return fail(ErrorCode::kUnavailable, "apt cannot download {}={} (is the network up?):\n{}",
                package, version, last_lines(done.err + done.out, 4));
  return {};
}

Status extract_package(const std::filesystem::path& deb, const std::filesystem::path& folder) {
  KAIRO_CHECK(base::require_program("dpkg-deb", "dpkg"));
  const auto extracted =
      base::run_ok({.argv = {"dpkg-deb", "--extract", deb.string(), folder.string()}});
  if (extracted) return {};
  if (extracted.error().code == base::kInterrupted) return fail(extracted.error());
  return bad_input("{}: not a readable package (remove it and fetch again)\n{}", deb.string(),
                   extracted.error().message);
}

}  // namespace kairo::kernel
