// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::base {

// A folder that Kairo makes, fills and may empty again. kairo-manifest.txt in it lists every file
// that Kairo wrote: those may be replaced and removed, and nothing else. What a person puts into
// the folder stays. Names are relative to the folder. Several threads may use one.
class OwnedFolder {
 public:
  static constexpr const char* kManifest = "kairo-manifest.txt";

  // Whether `path` has a manifest.
  static bool is_owned(const std::filesystem::path& path);

  // Makes `path`, or takes an empty folder or one with a manifest. Refuses a folder that holds
  // anything else: its files would be mixed up with ours.
  static Result<OwnedFolder> claim(const std::filesystem::path& path);

  // What claim() would refuse, before the work; makes nothing.
  static Status check(const std::filesystem::path& path);

  // Removes what the manifest lists, and the folder when nothing is left. Returns the files that
  // Kairo did not write. Refuses a folder without a manifest.
  static Result<std::vector<std::filesystem::path>> clear(const std::filesystem::path& path);

  // Writes a file by write_file() and lists it. Refuses to replace a file that is not listed.
  Status write(const std::filesystem::path& name, std::string_view content,
               const std::vector<std::filesystem::path>& inputs = {}) const;

  // An empty folder for other programs to fill, and its path. What an earlier begin() of that name
  // left is removed. Until end() all that is in it counts as Kairo's.
  Result<std::filesystem::path> begin(const std::filesystem::path& name) const;

  // Lists the files that are in it now, one by one.
  Status end(const std::filesystem::path& name) const;

  // An owned folder below this one: clear() clears it, too.
  Result<OwnedFolder> claim_below(const std::filesystem::path& name) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit OwnedFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace kairo::base
