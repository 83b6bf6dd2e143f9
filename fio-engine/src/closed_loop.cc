// SPDX-License-Identifier: GPL-2.0-only
#include "closed_loop.h"

namespace kairo::engine {

int ClosedLoop::getevents_waiting(Flight& flight, unsigned min, unsigned max) {
  Ring& ring = flight.ring();
  unsigned events = 0;
  unsigned missing = flight.td()->o.iodepth_batch_complete_min == 0 ? 0 : min;
  for (;;) {
    const unsigned ready = std::min(ring.cq_ready(), max - events);
    ring.cq_advance(ready);
    events += ready;
    if (events >= min) break;
    missing -= std::min(missing, ready);
    if (ring.polled_by_kernel() || ready > 0) continue;  // spins, as fio's engine does
    const int result = ring.enter(0, missing, IORING_ENTER_GETEVENTS);
    if (result < 0 && !try_again(-result)) return flight.failed(result);
  }
  flight.took(events);
  return static_cast<int>(events);
}

// After the kernel had no room: completions were stashed.
int ClosedLoop::getevents_stashed(Flight& flight, unsigned min, unsigned max) const {
  flight.read_stash();
  if (flight.stashed() == 0) return getevents(flight, min, max);
  for (;;) {
    flight.stash_completions();
    if (flight.stashed() >= min) return flight.deliver_stash(max);
    const unsigned missing = min - static_cast<unsigned>(flight.stashed());
    const int result = flight.ring().enter(0, missing, IORING_ENTER_GETEVENTS);
    if (result < 0 && !try_again(-result)) return flight.failed(result);
  }
}

}  // namespace kairo::engine
