// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/kernel/guest.h"
#include "kairo/kernel/paths.h"

namespace kairo::kernel {

namespace fs = std::filesystem;

base::Result<fs::path> qemu_with_placement() {
  const fs::path script = kernel_dir() / "fetch_newer_qemu.sh";
  KAIRO_TRY(
      const auto done,
      base::run({.argv = {script.string(), cache_paths(base::cache_dir()).newer_qemu.string()}}));
  if (done.exit_code != 0)
    return base::fail(base::ErrorCode::kUnavailable, "no QEMU with flexible data placement: {}",
                      done.err.substr(0, done.err.find('\n')));
  return done.out.substr(0, done.out.find('\n'));
}

}  // namespace kairo::kernel
