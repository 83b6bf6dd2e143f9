// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

#include "kairo/base/file_writer.h"
#include "kairo/base/result.h"

namespace kairo::base {

// Reads a whole file. Refuses one larger than `limit_bytes`: input files are hostile.
Result<std::string> read_file(const std::filesystem::path& path,
                              std::uint64_t limit_bytes = 1ULL << 30);

// A directory that is removed with everything in it when the object goes away. Move-only.
class TempDir {
 public:
  // Creates `<base>/<prefix>XXXXXX`; `base` defaults to $TMPDIR or /tmp.
  static Result<TempDir> create(std::string_view prefix, const std::filesystem::path& base = {});

  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&& other) noexcept;
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TempDir(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// Refuses with the figures and the remedy when the file system of `path` (or of its nearest
// existing parent) has less than `needed_bytes` free.
Status require_free_space(const std::filesystem::path& path, std::uint64_t needed_bytes);

// ${KAIRO_CACHE:-$HOME/.cache/kairo}: kernel trees, builds and downloads, shared by all checkouts.
std::filesystem::path cache_dir();

// Where experiments, kernel series and configs are: $KAIRO_HOME, else <prefix>/share/kairo beside
// an installed `kairo`, else the source tree it was built from.
std::filesystem::path data_dir();

// The first executable `name` on PATH, or an empty path.
std::filesystem::path find_program(std::string_view name);

// What was built with the running program: the first of `places`, relative to its directory, that
// is a file. Refused with the first place and the command that builds `target` when none is.
Result<std::filesystem::path> find_beside_program(std::initializer_list<const char*> places,
                                                  std::string_view target);

// Refuses, naming the Debian package to install, when `program` is not on PATH.
Status require_program(std::string_view program, std::string_view debian_package);

}  // namespace kairo::base
