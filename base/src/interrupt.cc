// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/interrupt.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>

namespace kairo::base {
namespace {

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

// A signal handler can reach nothing else.
std::atomic<int> noted = 0;
static_assert(std::atomic<int>::is_always_lock_free);
std::atomic<int> guards = 0;
std::array<struct sigaction, kSignals.size()> before;

void note(int) {
  noted.fetch_add(1);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  if (guards.fetch_add(1) != 0) return;
  noted = 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &before[i]);
    if (before[i].sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = note;
    sigaction(kSignals[i], &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  if (guards.fetch_sub(1) != 1) return;
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before[i], nullptr);
}

bool InterruptGuard::active() {
  return guards != 0;
}

bool InterruptGuard::interrupted() {
  return noted > 0;
}

bool InterruptGuard::insisted() {
  return noted > 1;
}

}  // namespace kairo::base
