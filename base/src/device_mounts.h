// SPDX-License-Identifier: GPL-2.0-only
// What the kernel says is mounted, in every mount namespace that can be seen, and swapped to.
#pragma once

#include <string>
#include <vector>

#include "kairo/base/block_device.h"

namespace kairo::base {

struct Mount {
  dev_t number = 0;
  std::string source;  // a path in this namespace, else empty
  std::string where;   // "/srv/data", or "/data (mount namespace of process 1234)"
};

// Refuses when this process's own list cannot be read or is empty.
Result<std::vector<Mount>> read_mounts(const SystemPaths& system);

// Paths of the drives and files that are swapped to; none where the kernel has no swap.
Result<std::vector<std::string>> read_swaps(const SystemPaths& system);

}  // namespace kairo::base
