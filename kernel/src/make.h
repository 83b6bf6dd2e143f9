// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/process.h"
#include "kairo/base/result.h"
#include "kairo/kernel/kconfig.h"

namespace kairo::kernel {

// A source tree and one build folder of it.
struct MakeTree {
  std::filesystem::path src;
  std::filesystem::path build;
  std::filesystem::path ccache;  // ccache's folder
  std::filesystem::path cache;   // paths below it become relative for ccache
  std::string local_version;     // end of the kernel's release
};

// Runs kbuild's `make` with targets and variables; output and errors are one stream. Time, user and
// host are fixed, so that the same source gives the same image.
base::Result<base::ProcessResult> kernel_make(
    const MakeTree& tree, const std::vector<std::string>& targets, unsigned jobs,
    const std::function<void(std::string_view)>& on_line = {});

// tinyconfig with the fragments merged over it by the kernel's own merge_config.sh; `more` is
// fragment text added last. Every asked-for symbol is verified in the final .config; symbols in
// `absent_is_fine` may be unknown to this tree.
base::Status configure_kernel(const MakeTree& tree,
                              const std::vector<std::filesystem::path>& fragments,
                              std::string_view more, const std::set<std::string>& absent_is_fine);

// Changes symbols of a build folder that is configured already; `more` is fragment text.
base::Status change_config(const MakeTree& tree, std::string_view more);

// How many compile jobs: those asked for, or with 0 one for each processor.
unsigned compile_jobs(unsigned asked);

// True for kbuild's "  CC      block/bio.o".
bool is_build_step(std::string_view line);

// The compiler warnings (and kbuild's) in `log` that concern one of `touched`.
std::vector<std::string> warnings_in(std::string_view log, const std::set<std::string>& touched);

}  // namespace kairo::kernel
