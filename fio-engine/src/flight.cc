// SPDX-License-Identifier: GPL-2.0-only
#include "flight.h"

#include <algorithm>

namespace kairo::engine {

void Flight::set_depth(unsigned depth) {
  slots_.resize(depth);
  stash_.reserve(2 * static_cast<std::size_t>(depth));
}

base::Status Flight::open(const RingOptions& options) {
  issue_times_ = fio_fill_issue_time(td_) != 0;
  return ring_.open(options);
}

// The kernel took `result` of it, or had an error.
int Flight::submit_rest(int result) {
  for (;; result = hand_over()) {
    if (result > 0) {
      submitted(static_cast<unsigned>(result));
    } else if (result == 0 || try_again(-result)) {
      // Out of requests or completion entries for the moment: make room.
      const std::size_t before = stash_.size();
      stash_completions();
      if (stash_.size() == before) nap(1000);
    } else {
      return failed(result);
    }
    if (ring_.queued() == 0) return 0;
  }
}

int Flight::submit_and_wait(unsigned count) {
  const int result = ring_.enter(ring_.queued(), count, IORING_ENTER_GETEVENTS);
  if (result > 0) submitted(static_cast<unsigned>(result));
  return result;
}

int Flight::submit_and_wait_for(std::uint64_t timeout_ns) {
  const int result = ring_.enter_timeout(ring_.queued(), 1, timeout_ns);
  if (result > 0) submitted(static_cast<unsigned>(result));
  return result;
}

void Flight::stash_completions(bool with_time) {
  const unsigned ready = ring_.cq_ready();
  const std::uint64_t reaped_ns = with_time && ready > 0 ? now_ns() : 0;
  const unsigned position = ring_.cq_head();
  for (unsigned i = 0; i < ready; ++i) {
    const io_uring_cqe& cqe = ring_.cqe(position + i);
    stash_.push_back({reinterpret_cast<io_u*>(cqe.user_data), cqe.res, reaped_ns});
  }
  ring_.cq_advance(ready);
  took(ready);
}

void Flight::read_stash() {
  stash_.erase(stash_.begin(), stash_.begin() + static_cast<std::ptrdiff_t>(delivered_));
  delivered_ = 0;
  source_ = Source::kStash;
}

int Flight::deliver_stash(unsigned most) {
  delivered_ = std::min<std::size_t>(stash_.size(), most);
  return static_cast<int>(delivered_);
}

}  // namespace kairo::engine
