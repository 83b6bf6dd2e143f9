// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/kernel/build.h"

namespace kairo::kernel {

// Debian's own kernel of exactly the version that the series is based on, and for it the scheduler
// (`kairo-iosched.ko`) and the flash model (`kairo_ssd.ko`) as modules, of the series' sources and
// kernel/module. Nothing is installed. BuildResult::image is Debian's; the modules that a guest
// with it loads lie in `modules` at the build's top. Errors: as build_kernel(); kInput when a
// structure that both use is laid out otherwise in the kernel, kUnavailable when apt has no such
// kernel.
base::Result<BuildResult> build_stock(const CachePaths& paths, const BuildRequest& request);

struct KernelModule {
  std::filesystem::path file;
  std::string parameters;  // "nr_devices=0"
};

// The modules that belong to an image that build_stock() left, in the order to load them; none for
// any other image. kInput when one is missing.
base::Result<std::vector<KernelModule>> image_modules(const std::filesystem::path& image);

}  // namespace kairo::kernel
