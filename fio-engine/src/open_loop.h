// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include "flight.h"
#include "job.h"
#include "pacer.h"

namespace kairo::engine {

// The open loop: I/O starts when it is due, whatever became of the I/O before it. fio hands over an
// I/O whenever it has one free. The engine draws the time at which it should start, answers "busy"
// while that lies ahead, and sleeps in getevents() until then or until something completes. So at
// most one I/O is held back, fio checks its run time between any two, and nothing spins. An I/O
// that finds the queue full starts late and keeps its intended time.
//
// With kv_rate the times are Poisson arrivals; a replay says itself when its I/O is due.
class OpenLoop {
 public:
  // Changes what of fio's own options would delay an arrival. Both must outlive it.
  OpenLoop(Job& job, Flight& flight);

  // When it began on fio's clock: with the first call.
  std::uint64_t begin();
  [[nodiscard]] bool begun() const { return start_ns_ > 0; }
  // From then to the latest time at which an arrival was looked at, and that time.
  [[nodiscard]] std::uint64_t length_ns() const { return begun() ? last_ns_ - start_ns_ : 0; }
  [[nodiscard]] std::uint64_t looked_at_ns() const { return last_ns_; }

  // The I/O is due then, and is the one that is held back until it has started.
  void hold(Slot& slot, std::uint64_t due_ns);
  // fio's queue hook: whether the time of this I/O has come. When not, the caller answers "busy"
  // and fio comes back.
  bool may_start(io_u* io, Slot& slot);
  // It is on its way; counts how late.
  void started(io_u* io, Slot& slot);
  // fio's getevents hook.
  int getevents(unsigned min, unsigned max);
  // fio reads the clock when getevents() has returned: moves the start by what lies between.
  void move_start(const Flight::Event& event) const;

  // The Poisson arrivals that were due by now. Absent when there are too many to draw them.
  std::optional<std::uint64_t> offered();

 private:
  bool sleep_until_due();
  int submit_and_wait(unsigned count);
  int wait_for_arrival();

  Job& job_;
  Flight& flight_;
  std::optional<PoissonArrivals> poisson_;
  std::uint64_t start_ns_ = 0;
  std::uint64_t last_ns_ = 0;
  std::uint64_t returned_ns_ = 0;             // when getevents() returned
  std::optional<std::uint64_t> held_due_ns_;  // of an arrival that has not yet started
  bool waiting_for_arrival_ = false;          // the next getevents() may return early
};

}  // namespace kairo::engine
