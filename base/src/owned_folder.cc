// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/owned_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kairo/base/files.h"
#include "manifest.h"

namespace kairo::base {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> not_removed(const fs::path& path, const std::string& why) {
  return bad_input("{}: cannot be removed: {}", path.string(), why);
}

// A name in a manifest may have become a link to somewhere else since.
bool is_real(const fs::path& root, const fs::path& name) {
  fs::path at = root;
  std::error_code status;
  for (const fs::path& part : name.parent_path()) {
    at /= part;
    if (fs::symlink_status(at, status).type() != fs::file_type::directory) return false;
  }
  return true;
}

// Removes the folders above `name` that are empty now.
void remove_empty_parents(const fs::path& root, fs::path name) {
  while (!name.empty() && ::rmdir((root / name).c_str()) == 0) name = name.parent_path();
}

Status remove_file(const fs::path& root, const fs::path& name) {
  if (!is_real(root, name)) return {};
  if (::unlink((root / name).c_str()) != 0 && errno != ENOENT && errno != EISDIR)
    return not_removed(root / name, std::strerror(errno));
  remove_empty_parents(root, name.parent_path());
  return {};
}

Status remove_tree(const fs::path& root, const fs::path& name) {
  std::error_code status;
  if (!is_real(root, name)) return {};
  fs::remove_all(root / name, status);
  if (status) return not_removed(root / name, status.message());
  remove_empty_parents(root, name.parent_path());
  return {};
}

// Removes what a manifest lists of `name`, or of the whole folder for an empty name.
Status remove_listed(const fs::path& root, const Manifest& manifest, const fs::path& name) {
  for (const fs::path& open : manifest.open)
    if (is_below(open, name)) KAIRO_CHECK(remove_tree(root, open));
  for (const fs::path& file : manifest.files)
    if (is_below(file, name)) KAIRO_CHECK(remove_file(root, file));
  return {};
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code status;
  for (fs::recursive_directory_iterator at(folder, status), end; !status && at != end;
       at.increment(status))
    if (!at->is_directory(status) || at->is_symlink(status))
      out.push_back(at->path().lexically_relative(folder));
  std::sort(out.begin(), out.end());
  return out;
}

tl::unexpected<Error> not_ours(const fs::path& path, const fs::path& first) {
  return bad_input(
      "{}: holds what Kairo did not write ({}), and results are not mixed with it (name an empty "
      "or a new folder)",
      path.string(), first.string());
}

}  // namespace

bool OwnedFolder::is_owned(const fs::path& path) {
  return has_manifest(path);
}

Status OwnedFolder::check(const fs::path& path) {
  std::error_code status;
  if (!fs::exists(path, status) || has_manifest(path)) return {};
  if (!fs::is_directory(path, status)) return bad_input("{}: is not a folder", path.string());
  const fs::directory_iterator first(path, status);
  if (status) return bad_input("{}: cannot be read: {}", path.string(), status.message());
  if (first != fs::directory_iterator()) return not_ours(path, first->path().filename());
  return {};
}

Result<OwnedFolder> OwnedFolder::claim(const fs::path& path) {
  KAIRO_CHECK(check(path));
  if (!has_manifest(path)) {
    KAIRO_CHECK(make_directory(path));
    KAIRO_CHECK(start_manifest(path));
  }
  return OwnedFolder(path);
}

Result<std::vector<fs::path>> OwnedFolder::clear(const fs::path& path) {
  if (!has_manifest(path))
    return bad_input(
        "{}: has no {}, so what Kairo wrote there is unknown and nothing is removed "
        "(remove it yourself, or name another folder)",
        path.string(), kManifest);
  KAIRO_TRY(const auto manifest, read_manifest(path));
  KAIRO_CHECK(remove_listed(path, manifest, {}));
  for (const fs::path& folder : manifest.folders) {
    if (!is_real(path, folder / "x") || !has_manifest(path / folder)) continue;
    KAIRO_CHECK(clear(path / folder));
    remove_empty_parents(path, folder.parent_path());
  }
  std::vector<fs::path> left = files_in(path);
  std::erase_if(left, [](const fs::path& name) { return name.filename() == kManifest; });
  if (!left.empty()) {
    KAIRO_CHECK(start_manifest(path));
    return left;
  }
  std::error_code status;
  fs::remove(path / kManifest, status);
  // A folder in it that a person made stays, and so does this one.
  ::rmdir(path.c_str());
  return left;
}

Status OwnedFolder::write(const fs::path& name, std::string_view content,
                          const std::vector<fs::path>& inputs) const {
  const fs::path file = path_ / name;
  if (!is_inside(name)) return bad_input("{}: is outside {}", file.string(), path_.string());
  KAIRO_TRY(const auto manifest, read_manifest(path_));
  std::error_code status;
  if (manifest.files.count(name) == 0) {
    if (fs::exists(fs::symlink_status(file, status)))
      return bad_input("{}: was not written by Kairo, so it is not replaced (move it away)",
                       file.string());
    KAIRO_CHECK(add_to_manifest(path_, fmt::format("file {}\n", name.string())));
  }
  KAIRO_CHECK(make_directory(file.parent_path()));
  return write_file(file, content, inputs);
}

Result<fs::path> OwnedFolder::begin(const fs::path& name) const {
  const fs::path folder = path_ / name;
  if (!is_inside(name)) return bad_input("{}: is outside {}", folder.string(), path_.string());
  KAIRO_TRY(const auto manifest, read_manifest(path_));
  KAIRO_CHECK(remove_listed(path_, manifest, name));
  if (const auto left = files_in(folder); !left.empty()) return not_ours(folder, left.front());
  KAIRO_CHECK(add_to_manifest(path_, fmt::format("begin {}\n", name.string())));
  KAIRO_CHECK(make_directory(folder));
  return folder;
}

Status OwnedFolder::end(const fs::path& name) const {
  std::string lines;
  for (const fs::path& file : files_in(path_ / name))
    if (is_inside(name / file)) lines += fmt::format("file {}\n", (name / file).string());
  return add_to_manifest(path_, fmt::format("{}end {}\n", lines, name.string()));
}

Result<OwnedFolder> OwnedFolder::claim_below(const fs::path& name) const {
  if (!is_inside(name)) return bad_input("{}: is outside {}", name.string(), path_.string());
  KAIRO_TRY(const auto manifest, read_manifest(path_));
  auto out = claim(path_ / name);
  if (!out || manifest.folders.count(name) != 0) return out;
  KAIRO_CHECK(add_to_manifest(path_, fmt::format("folder {}\n", name.string())));
  return out;
}

}  // namespace kairo::base
