// SPDX-License-Identifier: GPL-2.0-only
#include "interrupt.h"

#include <csignal>

namespace kairo::experiments {
namespace {

// A signal handler can reach nothing else.
volatile std::sig_atomic_t noted = 0;

void note(int) {
  noted = 1;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  noted = 0;
  struct sigaction action {};
  action.sa_handler = note;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool InterruptGuard::interrupted() {
  return noted != 0;
}

}  // namespace kairo::experiments
