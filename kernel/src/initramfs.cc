// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/initramfs.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::kernel {
namespace {

// The standard library calls a disk that became full while it copied an input/output error.
Status copy_failed(const fs::path& host, const fs::path& folder, const std::error_code& status) {
  constexpr std::uint64_t kFull = 1U << 20;
  std::error_code ignored;
  const std::uint64_t needed = std::max(
      kFull, fs::is_regular_file(host, ignored) ? std::uint64_t{fs::file_size(host, ignored)} : 0);
  const std::uint64_t available = fs::space(folder, ignored).available;
  if (available < needed)
    return base::fail(base::ErrorCode::kUnavailable,
                      "{}: no room to pack {} for the guest, {} free (free some, or set TMPDIR to "
                      "another disk)",
                      folder.string(), host.string(), base::format_bytes(available));
  return bad_input("{}: cannot be copied into the initramfs: {}", host.string(), status.message());
}

}  // namespace

Result<std::vector<fs::path>> shared_libraries(const fs::path& program) {
  KAIRO_TRY(const auto listed, base::run({.argv = {"ldd", program.string()}}));
  std::set<fs::path> libraries;
  if (listed.exit_code != 0) return std::vector<fs::path>{};  // "not a dynamic executable"
  for (const std::string_view line : base::split_lines(listed.out)) {
    if (line.find("not found") != std::string_view::npos)
      return bad_input("{}: ldd says `{}` (install the library's package)", program.string(),
                       base::trim(line));
    const auto slash = line.find('/');
    if (slash == std::string_view::npos) continue;  // linux-vdso
    libraries.emplace(line.substr(slash, line.find(" (", slash) - slash));
  }
  return std::vector<fs::path>(libraries.begin(), libraries.end());
}

Result<fs::path> InitramfsTree::place(std::string_view guest) const {
  const fs::path path(guest);
  const bool climbs =
      std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  if (!path.is_absolute() || climbs || guest.find('\n') != std::string_view::npos)
    return bad_input("guest path '{}': must be absolute and without '..'", guest);
  const fs::path placed = staging_ / path.relative_path();
  KAIRO_CHECK(base::make_directory(placed.parent_path()));
  return placed;
}

Status InitramfsTree::add_text(std::string_view guest, std::string_view content, bool executable) {
  KAIRO_TRY(const auto placed, place(guest));
  KAIRO_CHECK(base::write_file(placed, content));
  ::chmod(placed.c_str(), executable ? 0755 : 0644);
  return {};
}

Status InitramfsTree::add_directory(std::string_view guest) {
  const auto placed = place(guest);
  return placed ? base::make_directory(*placed) : fail(placed.error());
}

Status InitramfsTree::add_file(const fs::path& host, std::string_view guest) {
  KAIRO_TRY(const auto placed, place(guest));
  std::error_code status;
  if (!fs::exists(host, status)) return bad_input("{}: no such file", host.string());
  fs::copy(host, placed, fs::copy_options::recursive | fs::copy_options::overwrite_existing,
           status);
  if (status) return copy_failed(host, placed.parent_path(), status);
  return {};
}

Status InitramfsTree::add_program(const fs::path& program) {
  std::error_code status;
  const fs::path path = fs::absolute(program, status);
  KAIRO_CHECK(add_file(path, path.string()));
  KAIRO_TRY(const auto libraries, shared_libraries(path));
  for (const fs::path& library : libraries) {
    KAIRO_TRY(const auto placed, place(library.string()));
    if (fs::exists(placed, status)) continue;
    KAIRO_CHECK(add_file(library, library.string()));
  }
  return {};
}

Status InitramfsTree::write(const fs::path& archive) const {
  std::vector<std::string> names;
  std::error_code status;
  const timespec times[2] = {{0, 0}, {0, 0}};
  for (fs::recursive_directory_iterator entry(staging_, status), end; entry != end && !status;
       entry.increment(status)) {
    names.push_back(entry->path().lexically_relative(staging_).string());
    if (!entry->is_symlink()) {
      // The mode must not depend on the umask of whoever runs this.
      const bool executable = entry->is_directory() || (entry->status().permissions() &
                                                        fs::perms::owner_exec) != fs::perms::none;
      ::chmod(entry->path().c_str(), executable ? 0755 : 0644);
    }
  }
  if (status) return bad_input("{}: {}", staging_.string(), status.message());
  for (const std::string& name : names)
    ::utimensat(AT_FDCWD, (staging_ / name).c_str(), times, AT_SYMLINK_NOFOLLOW);
  std::sort(names.begin(), names.end());
  std::string list;
  for (const std::string& name : names) list += name + '\n';
  KAIRO_CHECK(
      base::run_ok({.argv = {"cpio", "--quiet", "--create", "--format=newc", "--reproducible",
                             "--owner=+0:+0", "--file=" + archive.string()},
                    .directory = staging_,
                    .input = list}));
  return {};
}

}  // namespace kairo::kernel
