// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "kairo/base/result.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"

namespace kairo::kernel {

// What a finished build was made from; kept beside it as `kairo-build-id`, one `key=value` a line.
struct BuildId {
  std::string base_commit;  // of the tag `base`
  std::string series;       // Series::id(); "base-<id of base_drivers()>" for the base image,
                            // "stock-<Series::id()>" for Debian's own kernel with the module
  std::string config;       // hash of the fragments
  bool operator==(const BuildId&) const = default;
};

// BuildId::series of the base image that has these drivers.
std::string base_image_series(const Series& drivers);
// And of Debian's own kernel with the module of that series.
std::string stock_image_series(std::string_view series);

// "aa7e257f03ef ab0863fc4f5a 0123456789ab": base commit, series, config.
std::string build_id_text(const BuildId& id);

struct BuildRequest {
  // lab or debug, names of files in kernel/config; or stock, see build_stock()
  std::string config = "lab";
  bool base = false;  // the base image: the pristine kernel and base_drivers() (lab only)
  unsigned jobs = 0;  // 0: one per processor
  // Called before what takes longer than a moment: what it is.
  std::function<void(std::string_view what)> on_line = {};
  // Called for each compile step: steps done, and how many a full build has, 0 when only what
  // changed is compiled: nobody knows how much that is.
  std::function<void(std::size_t done, std::size_t total)> on_step = {};
};

struct BuildResult {
  std::filesystem::path image;  // bzImage; vmlinux and System.map are at its build's top
  std::filesystem::path build;  // the build folder
  BuildId id;
  bool was_there = false;  // nothing had changed, nothing was done
};

// Applies the series, or of it what the base image has, moves the tree to it, configures and
// compiles. The same id is not built again. Errors: kInput for a series or a fragment that does not
// fit, kShort for compile errors and for warnings in files that the series touches (both quoted).
base::Result<BuildResult> build_kernel(const CachePaths& paths, const BuildRequest& request);

// The bzImage that `kairo kernel build` left for "lab", "debug", "base" or "stock". Refuses an
// unknown name (kUsage) and a kernel that is not built (kUnavailable), saying how to build it.
base::Result<std::filesystem::path> built_image(std::string_view config);

// The same, but refuses (kUnavailable) an image of other patches than the series has now. Images
// that are compared with each other must have the same device.
base::Result<std::filesystem::path> current_image(std::string_view config);

// The id of the build that `image` (<build>/arch/x86/boot/bzImage) belongs to; kInput for a kernel
// of somebody else's, which has none.
base::Result<BuildId> image_build_id(const std::filesystem::path& image);

}  // namespace kairo::kernel
