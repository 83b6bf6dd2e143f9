// SPDX-License-Identifier: GPL-2.0-only
#include "device_guard.h"

#include <sys/stat.h>

#include "kairo/base/device_guard.h"
#include "kairo/base/short_names.h"

namespace kairo::engine {

using base::DeviceUse;

namespace {

constexpr std::string_view kLabDrive = "kssd";

// Nothing for what is not there yet, and for files of the ordinary kind.
Result<std::vector<DeviceUse>> uses_of(const std::string& path, const base::SystemPaths& system) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::vector<DeviceUse>{};
  if (S_ISREG(found.st_mode)) return base::file_uses(path, system);
  if (!S_ISBLK(found.st_mode)) return std::vector<DeviceUse>{};
  KAIRO_TRY(const auto device, base::find_block_device(path, system));
  if (!device.name.starts_with(kLabDrive)) return base::device_uses(device, system);
  auto uses = base::listed_uses(device, system);
  return uses && uses->empty() ? base::exclusive_uses(device.path) : uses;
}

}  // namespace

base::Status refuse_device_in_use(const std::string& path, const base::SystemPaths& system) {
  const auto uses = uses_of(path, system);
  if (!uses)
    return bad_input(
        "filename={}: {} (repair that, or give allow_mounted_write=1 to write it all the same)",
        path, uses.error().message);
  if (uses->empty()) return {};
  return bad_input(
      "filename={}: {}, so it is not written (name another one, or give allow_mounted_write=1: "
      "everything on {} is lost then)",
      path, base::describe(*uses), path);
}

base::Status refuse_file_among_devices(const std::string& path, const fs::path& dev) {
  std::error_code status;
  // Where a link leads to is where fio would make the file.
  const fs::path real = fs::weakly_canonical(path, status);
  struct stat found {};
  struct stat folder {};
  struct stat devices {};
  const bool there = ::stat(path.c_str(), &found) == 0;
  if (status || (there && !S_ISREG(found.st_mode)) ||
      ::stat(real.parent_path().c_str(), &folder) != 0 || ::stat(dev.c_str(), &devices) != 0 ||
      folder.st_dev != devices.st_dev)
    return {};
  if (there)
    return bad_input("filename={}: is no device but a regular file in memory (remove it: rm {})",
                     path, path);
  return bad_input("filename={}: no such device (see lsblk; fio would make a regular file of it)",
                   path);
}

}  // namespace kairo::engine
