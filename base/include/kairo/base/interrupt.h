// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kairo/base/result.h"

namespace kairo::base {

// Of an error that says that somebody ended the command; its exit status is that of SIGINT.
inline constexpr ErrorCode kInterrupted = static_cast<ErrorCode>(130);

// While an object lives, SIGINT, SIGTERM and SIGHUP are noted instead of ending the program, so
// that what was changed can be put back and what was begun removed: run() ends what it runs and
// fails with kInterrupted, unless a `keep_going` is there to decide otherwise. A signal that was
// ignored before (nohup) stays so. Objects may be nested, and belong to one thread; the questions
// may be asked from any.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  [[nodiscard]] static bool active();
  [[nodiscard]] static bool interrupted();
  // More than one signal: somebody does not want to wait for what the first one began.
  [[nodiscard]] static bool insisted();
};

}  // namespace kairo::base
