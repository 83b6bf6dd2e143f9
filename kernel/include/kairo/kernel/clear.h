// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/kernel/paths.h"

namespace kairo::kernel {

// What would be lost with the trees in the cache, a line each: commits of `kairo kernel checkout`
// that are in no series, changes that are not committed, trees elsewhere whose commits are kept
// here. Refuses (kInput) a repository that git cannot read: nobody knows what is in it.
base::Result<std::vector<std::string>> unexported_work(const CachePaths& paths);

// Removes the kernel's trees and builds; downloads, ccache and the notes of steps stay. Refuses
// (kInput) while there is unexported work, unless `force`.
base::Status clear_trees(const CachePaths& paths, bool force);

}  // namespace kairo::kernel
