// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/block_device.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstring>

namespace kairo::base {

namespace fs = std::filesystem;

namespace {

// nvme0c1n2: path 1 of nvme0n2, which the kernel hides: it has no file and takes no I/O of its own.
std::string multipath_drive(const std::string& name) {
  const auto c = name.find('c');
  const auto n = name.find('n', c == std::string::npos ? c : c + 1);
  if (!name.starts_with("nvme") || c == std::string::npos || n == std::string::npos) return {};
  return name.substr(0, c) + name.substr(n);
}

tl::unexpected<Error> not_there(const fs::path& path, const SystemPaths& system) {
  const std::string name = path.filename().string();
  const std::string drive = multipath_drive(name);
  std::error_code status;
  if (!drive.empty() && fs::exists(system.sys / "block" / name, status))
    return bad_input("{}: is one path of a multipath drive (name the drive: /dev/{})",
                     path.string(), drive);
  return bad_input("{}: no such file", path.string());
}

}  // namespace

Result<BlockDevice> block_device_of(dev_t number, const fs::path& path, const SystemPaths& system) {
  const fs::path entry =
      system.sys / "dev/block" / fmt::format("{}:{}", major(number), minor(number));
  std::error_code status;
  BlockDevice out{path.string(), {}, number, fs::canonical(entry, status), {}};
  if (status)
    return bad_input("{}: {} cannot be looked at: {}", path.string(), entry.string(),
                     status.message());
  out.name = out.sys.filename().string();
  if (fs::exists(out.sys / "partition", status)) out.disk = out.sys.parent_path();
  return out;
}

Result<BlockDevice> find_block_device(const fs::path& path, const SystemPaths& system) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return not_there(path, system);
    return bad_input("{}: cannot be looked at: {}", path.string(), std::strerror(errno));
  }
  if (!S_ISBLK(found.st_mode)) return bad_input("{}: not a block device", path.string());
  std::error_code status;
  const fs::path real = fs::canonical(path, status);
  if (status) return bad_input("{}: {}", path.string(), status.message());
  return block_device_of(found.st_rdev, real, system);
}

}  // namespace kairo::base
