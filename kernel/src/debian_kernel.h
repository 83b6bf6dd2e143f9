// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/kernel/paths.h"

namespace kairo::kernel {

// Debian's own build of a kernel, unpacked from its packages below the cache; nothing is installed.
struct DebianKernel {
  std::string release;            // of uname: "6.12.117+deb12-amd64"
  std::filesystem::path image;    // a bzImage
  std::filesystem::path headers;  // what modules are built against, for `make -C`; its `vmlinux`
                                  // has the types of the kernel (BTF)
  std::filesystem::path modules;  // the folder with `kernel/` and `modules.order`
};

// Fetches and unpacks the kernel for amd64 whose packages have exactly `version`
// ("6.12.117-1~deb12u1"). Errors: kUnavailable, with the version and the remedy, when apt has none.
base::Result<DebianKernel> fetch_debian_kernel(
    const CachePaths& paths, const std::string& version,
    const std::function<void(std::string_view)>& on_line);

// Copies a module that Debian compresses to `file`; kInput when the kernel has none of that name
// ("null_blk").
base::Status copy_module(const DebianKernel& kernel, std::string_view name,
                         const std::filesystem::path& file);

}  // namespace kairo::kernel
