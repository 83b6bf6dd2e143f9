// SPDX-License-Identifier: GPL-2.0-only
#include "device_guard.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <iterator>
#include <sstream>
#include <vector>

#include "kairo/base/files.h"

namespace kairo::engine {

namespace fs = std::filesystem;

namespace {

// "major:minor" of a block device file; empty for anything else.
std::string device_number(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode)) return {};
  return fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev));
}

// Where the device is mounted; empty when it is not. File systems over several devices have a
// number of their own in mountinfo, so the source is looked at too.
std::string mount_point(std::string_view device, const fs::path& mountinfo) {
  const auto text = base::read_file(mountinfo, 16 << 20);
  if (!text) return {};
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    if (fields.size() < 6) continue;
    std::string source;
    for (std::size_t i = 5; i + 2 < fields.size(); ++i)
      if (fields[i] == "-") source = fields[i + 2];
    if (fields[2] == device || (source.starts_with('/') && device_number(source) == device))
      return fields[4];
  }
  return {};
}

}  // namespace

std::string device_user(std::string_view device, const SystemPaths& system) {
  if (const std::string point = mount_point(device, system.mountinfo); !point.empty())
    return fmt::format("mounted on {}", point);
  std::error_code ignored;
  const fs::path entry = system.sys_dev_block / device;
  for (const auto& child : fs::directory_iterator(entry, ignored))
    if (fs::exists(child.path() / "partition", ignored))
      return fmt::format("partitioned ({})", child.path().filename().string());
  for (const auto& holder : fs::directory_iterator(entry / "holders", ignored))
    return fmt::format("used by {}", holder.path().filename().string());
  return {};
}

base::Status refuse_device_in_use(const std::string& path, const SystemPaths& system) {
  const std::string device = device_number(path);
  if (device.empty()) return {};
  const std::string user = device_user(device, system);
  if (user.empty()) return {};
  return base::bad_input(
      "filename={}: is {}, so it is not written (name another device, or give "
      "allow_mounted_write=1 "
      "to destroy what is on it)",
      path, user);
}

}  // namespace kairo::engine
