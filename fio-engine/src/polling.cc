// SPDX-License-Identifier: GPL-2.0-only
#include "polling.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kairo/base/files.h"

namespace kairo::engine {

std::optional<bool> can_poll(const std::string& path, const std::filesystem::path& sys_dev_block) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  const dev_t device = S_ISBLK(status.st_mode) ? status.st_rdev : status.st_dev;
  // The entry is a link; of a partition the queue is the drive's, one folder up.
  std::error_code unresolved;
  const auto entry = std::filesystem::canonical(
      sys_dev_block / fmt::format("{}:{}", major(device), minor(device)), unresolved);
  if (unresolved) return std::nullopt;
  for (const auto& drive : {entry, entry.parent_path()}) {
    const auto text = base::read_file(drive / "queue/io_poll");
    if (text) return text->starts_with("1");
  }
  return std::nullopt;
}

}  // namespace kairo::engine
