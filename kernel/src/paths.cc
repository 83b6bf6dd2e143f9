// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/paths.h"

#include "kairo/base/files.h"

namespace kairo::kernel {

namespace fs = std::filesystem;

CachePaths cache_paths(const fs::path& cache) {
  const fs::path line = cache / kBaseLine;
  return {.downloads = cache / "dl",
          .ccache = cache / "ccache",
          .newer_qemu = cache / "qemu-newer",
          .main = {line / "src", line / "build"},
          .base = {line / "base" / "src", line / "base" / "build"},
          .stock = {line / "stock" / "src", line / "stock" / "build"},
          .debian = line / "debian",
          .check = {line / "check" / "src", line / "check" / "build"},
          .apply = line / "apply",
          .checkout = line / "checkout"};
}

fs::path kernel_dir() {
  return base::data_dir() / "kernel";
}

fs::path series_dir() {
  return kernel_dir() / "series" / kBaseLine;
}

}  // namespace kairo::kernel
