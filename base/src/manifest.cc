// SPDX-License-Identifier: GPL-2.0-only
#include "manifest.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kairo/base/files.h"
#include "kairo/base/owned_folder.h"
#include "kairo/base/text.h"

namespace kairo::base {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMark = "# kairo-manifest 1";
constexpr std::uint64_t kManifestLimit = 64U << 20;

}  // namespace

bool is_inside(const fs::path& name) {
  return !name.empty() && name.is_relative() && name.native().find('\n') == std::string::npos &&
         std::none_of(name.begin(), name.end(), [](const fs::path& part) {
           return part == ".." || part == "." || part.empty();
         });
}

bool is_below(const fs::path& name, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), name.begin(), name.end()).first ==
         folder.end();
}

bool has_manifest(const fs::path& folder) {
  std::error_code status;
  if (!fs::is_regular_file(fs::symlink_status(folder / OwnedFolder::kManifest, status)))
    return false;
  const auto text = read_file(folder / OwnedFolder::kManifest, kManifestLimit);
  return text && text->starts_with(kMark);
}

Result<Manifest> read_manifest(const fs::path& folder) {
  const fs::path file = folder / OwnedFolder::kManifest;
  KAIRO_TRY(const auto text, read_file(file, kManifestLimit));
  Manifest out;
  std::size_t number = 0;
  // Of a line that another thread is adding the end may not be there yet.
  const std::string_view whole = std::string_view(text).substr(0, text.rfind('\n') + 1);
  for (const std::string_view line : split_lines(whole)) {
    if (++number == 1 && line.starts_with(kMark)) continue;
    const auto space = line.find(' ');
    const std::string_view what = line.substr(0, space);
    const fs::path name = space == std::string_view::npos ? fs::path() : line.substr(space + 1);
    if (number == 1 || !is_inside(name))
      return bad_input("{}:{}: not a line of a manifest (remove the folder yourself)",
                       file.string(), number);
    if (what == "file") {
      out.files.insert(name);
    } else if (what == "folder") {
      out.folders.insert(name);
    } else if (what == "begin") {
      std::erase_if(out.files, [&](const fs::path& listed) { return is_below(listed, name); });
      out.open.insert(name);
    } else if (what == "end") {
      out.open.erase(name);
    } else {
      return bad_input("{}:{}: '{}' is unknown (written by a later version of Kairo)",
                       file.string(), number, what);
    }
  }
  return out;
}

Status start_manifest(const fs::path& folder) {
  return write_file(folder / OwnedFolder::kManifest,
                    fmt::format("{}: what Kairo wrote here, and may replace and remove\n", kMark));
}

Status add_to_manifest(const fs::path& folder, const std::string& lines) {
  const fs::path file = folder / OwnedFolder::kManifest;
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0)
    return bad_input("{}: cannot be written: {}", file.string(), std::strerror(errno));
  const ssize_t count = ::write(descriptor, lines.data(), lines.size());
  const int error = count < 0 ? errno : ENOSPC;
  ::close(descriptor);
  if (count == static_cast<ssize_t>(lines.size())) return {};
  return bad_input("{}: cannot be written: {}", file.string(), std::strerror(error));
}

}  // namespace kairo::base
