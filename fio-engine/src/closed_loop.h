// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>

#include "flight.h"

namespace kairo::engine {

// The closed loop: fio hands over I/O as it has it and waits for completions. As fio's own engine,
// to the number of system calls: what is there is taken at once, and the kernel is asked only for
// what is missing.
class ClosedLoop {
 public:
  // `source` is the ring, with what is to be done with each completion.
  explicit ClosedLoop(Flight::Source source) : source_(source) {}

  // fio's getevents hook.
  int getevents(Flight& flight, unsigned min, unsigned max) const {
    if (flight.stashed() > 0) [[unlikely]]
      return getevents_stashed(flight, min, max);
    Ring& ring = flight.ring();
    flight.read_ring(source_);
    const unsigned ready = std::min(ring.cq_ready(), max);
    if (ready < min) [[unlikely]]
      return getevents_waiting(flight, min, max);
    ring.cq_advance(ready);
    flight.took(ready);
    return static_cast<int>(ready);
  }

 private:
  static int getevents_waiting(Flight& flight, unsigned min, unsigned max);
  int getevents_stashed(Flight& flight, unsigned min, unsigned max) const;

  Flight::Source source_;
};

}  // namespace kairo::engine
