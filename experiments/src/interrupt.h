// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace kairo::experiments {

// While an object lives, SIGINT and SIGTERM are noted instead of ending the program, so that what
// was changed can be put back. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  [[nodiscard]] static bool interrupted();
};

}  // namespace kairo::experiments
