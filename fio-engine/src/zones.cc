// SPDX-License-Identifier: GPL-2.0-only
#include "zones.h"

#include <fcntl.h>
#include <linux/blkzoned.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kairo::engine {
namespace {

constexpr std::uint64_t kSector = 512;

}  // namespace

std::uint64_t zone_bytes(int fd) {
  std::uint32_t sectors = 0;
  return ::ioctl(fd, BLKGETZONESZ, &sectors) == 0 ? sectors * kSector : 0;
}

std::uint64_t zone_bytes(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const std::uint64_t bytes = zone_bytes(fd);
  ::close(fd);
  return bytes;
}

base::Status reset_zones(int fd, const std::string& path, std::uint64_t offset,
                         std::uint64_t length) {
  const std::uint64_t zone = zone_bytes(fd);
  if (zone == 0 || offset % zone != 0 || length % zone != 0)
    return base::bad_input(
        "{}: a trim of {} bytes at {} is not of whole zones, which have {} (align the evictions "
        "to zones, or use kv_evict_op=none)",
        path, length, offset, zone);
  blk_zone_range range = {};
  range.sector = offset / kSector;
  range.nr_sectors = length / kSector;
  if (::ioctl(fd, BLKRESETZONE, &range) == 0) return {};
  return base::fail(base::ErrorCode::kUnavailable, "{}: {} bytes at {} cannot be reset: {}", path,
                    length, offset, std::strerror(errno));
}

}  // namespace kairo::engine
