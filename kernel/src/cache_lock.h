// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>

#include "kairo/base/result.h"

namespace kairo::kernel {

// Held while the trees in the cache are changed; a second kairo waits, saying so on stderr.
// Released with the object, also when the process dies. Move-only.
class CacheLock {
 public:
  static base::Result<CacheLock> take(const std::filesystem::path& cache);
  CacheLock(CacheLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  CacheLock& operator=(CacheLock&&) = delete;
  CacheLock(const CacheLock&) = delete;
  CacheLock& operator=(const CacheLock&) = delete;
  ~CacheLock();

 private:
  explicit CacheLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace kairo::kernel
