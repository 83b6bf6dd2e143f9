// SPDX-License-Identifier: GPL-2.0-only
#include "cache_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"

namespace kairo::kernel {

base::Result<CacheLock> CacheLock::take(const std::filesystem::path& cache) {
  KAIRO_CHECK(base::make_directory(cache));
  const std::filesystem::path file = cache / "lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    return base::bad_input("{}: cannot be opened: {} (set KAIRO_CACHE to a folder you can write)",
                           file.string(), std::strerror(errno));
  CacheLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  fmt::print(stderr, "kairo: another kairo works in {}: waiting for it\n", cache.string());
  while (::flock(fd, LOCK_EX) != 0) {
    if (base::InterruptGuard::interrupted()) return base::fail(base::kInterrupted, "interrupted");
    if (errno != EINTR)
      return base::bad_input("{}: cannot be locked: {}", file.string(), std::strerror(errno));
  }
  return lock;
}

CacheLock::~CacheLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace kairo::kernel
