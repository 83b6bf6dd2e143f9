// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string_view>

namespace kairo::kernel {

// The base kernel line this checkout of Kairo patches.
inline constexpr std::string_view kBaseLine = "6.12";
// The git tag on the pristine base commit.
inline constexpr std::string_view kBaseTag = "base";

// A source tree beside its build folders. All trees have the same shape, `X/src` and
// `X/build/<config>`, so that the compiler sees the same relative paths from each of them and
// ccache shares the objects.
struct Tree {
  std::filesystem::path src;
  std::filesystem::path build;
};

// Everything `kairo kernel` keeps: below ${KAIRO_CACHE}.
struct CachePaths {
  std::filesystem::path downloads;  // dl: .deb files as apt delivered them
  std::filesystem::path ccache;
  std::filesystem::path newer_qemu;  // qemu-newer: see qemu_with_placement()
  Tree main;                         // 6.12/{src,build}: the git repository; builds of the series
  Tree base;   // 6.12/base/{src,build}: worktree of the base image, to compare with
  Tree stock;  // 6.12/stock/{src,build}: sources of the module; Debian's own kernel with it
  std::filesystem::path debian;  // 6.12/debian: packages of Debian's own kernels, unpacked
  Tree check;  // 6.12/check/{src,build}: worktree that `check` moves patch by patch
  std::filesystem::path apply;     // 6.12/apply: sparse worktree where `git am` runs
  std::filesystem::path checkout;  // 6.12/checkout: the developer's tree unless named
};

// Paths in `cache` (normally base::cache_dir()).
CachePaths cache_paths(const std::filesystem::path& cache);

// kernel/ below base::data_dir(): series and config fragments.
std::filesystem::path kernel_dir();
std::filesystem::path series_dir();

}  // namespace kairo::kernel
