// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/kernel/paths.h"

namespace kairo::kernel {

// One line of kernel/series/<line>/BASE: a version of the package `linux-source-<line>` that the
// series was tested on.
struct BaseVersion {
  std::string version;         // Debian version, "6.12.117-1~deb12u1"
  std::string deb_sha256;      // of the .deb
  std::string tarball_sha256;  // of the source archive inside it
};

// Parses BASE: '#' comments, else `version deb-sha256 tarball-sha256`, newest first. Refuses other
// lines by number.
base::Result<std::vector<BaseVersion>> parse_base_file(std::string_view text,
                                                       std::string_view name);

// Which version to get. `offered` is what apt has, newest first, `downloaded` what the cache has.
struct BaseChoice {
  std::string version;
  std::optional<BaseVersion> tested;  // empty: not in BASE, to be tried with a warning
};

// The newest tested version that can be had; else the newest that apt offers; else nothing.
std::optional<BaseChoice> choose_base(const std::vector<BaseVersion>& tested,
                                      const std::vector<std::string>& offered,
                                      const std::vector<std::string>& downloaded);

// The versions in the output of `apt-cache madison`, in its order (newest first).
std::vector<std::string> parse_madison(std::string_view text);

// "6.12.117-1~deb12u1": the version of the package that the tree's tag `base` is of; empty when
// that is none of fetch_base()'s.
std::string base_package_version(const std::filesystem::path& tree);

struct FetchResult {
  std::string version;
  bool tested = true;
  bool was_there = false;  // nothing had to be done
  std::string commit;      // what the tag `base` names
};

// Download, unpacked tree, git objects and a build.
inline constexpr std::uint64_t kFetchBytes = 8ULL << 30;

// Makes sure that `paths.main.src` is the git tree of the base package with the tag `base`. apt
// gets the package with the system's sources and keys; when its lists lack the package, private
// lists below the cache are fetched, the system's are left alone. An interrupted unpacking is
// redone: the tree appears under its name only when it is complete. `on_line` receives progress.
// Errors: kUnavailable when apt has no such package or the disk is too small, kInput for a wrong
// SHA-256.
base::Result<FetchResult> fetch_base(const CachePaths& paths,
                                     const std::filesystem::path& base_file,
                                     const std::function<void(std::string_view)>& on_line,
                                     std::uint64_t needed_bytes = kFetchBytes);

}  // namespace kairo::kernel
