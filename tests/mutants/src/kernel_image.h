// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>

#include "kairo/base/result.h"

namespace kairo::mutants {

// The bzImage of the series with `switches` on top, in the configuration of the lab. It has its own
// tree and build in the cache, shaped as the others there, so that ccache shares what the patch
// does not touch. The same series and patch are not built again.
base::Result<std::filesystem::path> build_switched_kernel(const std::filesystem::path& switches,
                                                          unsigned jobs);

}  // namespace kairo::mutants
