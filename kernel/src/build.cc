// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/build.h"

#include "kairo/base/files.h"
#include "kairo/kernel/paths.h"

namespace kairo::kernel {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using base::Result;

Result<fs::path> built_image(std::string_view config) {
  if (config != "lab" && config != "debug" && config != "base")
    return fail(ErrorCode::kUsage, "--config '{}': unknown (lab, debug or base)", config);
  const CachePaths paths = cache_paths(base::cache_dir());
  const fs::path build =
      config == "base" ? paths.pristine.build / "lab" : paths.main.build / std::string(config);
  fs::path image = build / "arch/x86/boot/bzImage";
  std::error_code ignored;
  if (!fs::exists(image, ignored))
    return fail(ErrorCode::kUnavailable, "{}: not built (run `kairo kernel build {}`)",
                image.string(), config == "base" ? "--base" : fmt::format("--config {}", config));
  return image;
}

}  // namespace kairo::kernel
