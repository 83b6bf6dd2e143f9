// SPDX-License-Identifier: GPL-2.0-only
// The open loop: I/O starts when it is due, whatever became of the I/O before it.
#include <algorithm>
#include <utility>

#include "engine.h"
#include "io_kind.h"

namespace kairo::engine {

// With nothing in flight there is nothing to wait for but the clock; fio looks at its run time and
// at interrupts after each nap.
constexpr std::uint64_t kNapNs = 10'000'000;

// Whether the time of this I/O has come. When not, the caller answers "busy" and fio comes back.
bool Engine::may_start(io_u* io, Slot& slot) {
  if (!slot.paced) {
    // Reads that check what was written and the rest of a short transfer are no arrivals.
    if (is_rest(io)) return true;
    if (is_verification(io)) {
      slot.cls = hint::Class::kNormal;
      return true;
    }
    if (start_ns_ == 0) start_ns_ = now_ns();
    slot.cls = class_of(io);
    slot.due_ns = start_ns_ + poisson_->next();
    slot.paced = true;
    held_due_ns_ = slot.due_ns;
  }
  // fio has just looked at its clock to fill start_time, unless it was told not to.
  last_ns_ = td_->o.disable_lat ? now_ns() : to_ns(io->start_time);
  if (last_ns_ >= slot.due_ns) return !trace_job_ || slot.record != kNoRecord;
  if (td_->o.verify != 0) return sleep_until_due();
  if (in_flight_ > 0 || ring_.queued() > 0) {
    waiting_for_arrival_ = true;  // fio calls getevents() next
    return false;
  }
  nap(std::min(slot.due_ns - last_ns_, kNapNs));
  last_ns_ = now_ns();
  return last_ns_ >= slot.due_ns && (!trace_job_ || slot.record != kNoRecord);
}

// A job that verifies does not answer "busy": each time that fio offers a write it fills the buffer
// and draws the seed of its pattern anew, and a mixed job would be checked for seeds of which
// nothing was written. So it sleeps here, until the job is over at the latest.
bool Engine::sleep_until_due() {
  while (last_ns_ < *held_due_ns_) {
    const std::uint64_t run_ns = last_ns_ - std::min(last_ns_, to_ns(td_->epoch));
    if (td_->terminate || (td_->o.timeout > 0 && run_ns >= td_->o.timeout * 1000)) return false;
    if (in_flight_ > 0 || ring_.queued() > 0) {
      const int result = wait_for_arrival();
      if (result < 0 && result != -ETIME && !try_again(-result)) {
        set_error(td_, -result, "io_uring_enter");
        return false;
      }
      stash_completions(true);
    } else {
      nap(std::min(*held_due_ns_ - last_ns_, kNapNs));
    }
    last_ns_ = now_ns();
  }
  return true;
}

void Engine::note_start(io_u* io, Slot& slot) {
  slot.started = true;
  ++sidecar_.issued_ios;
  if (!slot.paced) return;
  held_due_ns_.reset();
  // fio takes latencies from these two: the intended start, whatever kept the I/O from it.
  io->start_time = io->issue_time = to_timespec(slot.due_ns);
  const std::uint64_t late = last_ns_ - slot.due_ns;
  ClassCounters& counters = sidecar_.counters[direction(io)][hint::index(slot.cls)];
  counters.late += late > kLateNs ? 1 : 0;
  counters.max_late_ns = std::max(counters.max_late_ns, late);
}

int Engine::getevents_paced(unsigned min, unsigned max) {
  stash_.erase(stash_.begin(), stash_.begin() + static_cast<std::ptrdiff_t>(delivered_));
  delivered_ = 0;
  events_ = Events::kStash;
  const bool for_arrival = std::exchange(waiting_for_arrival_, false);
  // The end of an open-loop job: fio takes the time once for all that it waits for, and the first
  // would be charged with waiting for the last.
  const bool draining = !for_arrival && min > 1;
  for (;;) {
    stash_completions(draining);
    const bool enough = for_arrival ? !stash_.empty() : stash_.size() >= min;
    int result = 0;
    if (enough) {
      if (ring_.queued() > 0) result = submit();
      if (result == 0 && min == 0 && stash_.empty()) {
        result = ring_.enter(0, 0, IORING_ENTER_GETEVENTS);
        stash_completions();
      }
    } else if (for_arrival) {
      result = wait_for_arrival();
      if (result == -ETIME) break;
    } else {
      result = submit_and_wait(draining ? 1 : min - static_cast<unsigned>(stash_.size()));
    }
    if (result < 0 && !try_again(-result)) {
      set_error(td_, -result, "io_uring_enter");
      return result;
    }
    if (enough) break;
  }
  if (draining || td_->o.verify != 0) returned_ns_ = now_ns();
  delivered_ = std::min<std::size_t>(stash_.size(), max);
  return static_cast<int>(delivered_);
}

int Engine::submit_and_wait(unsigned count) {
  if (options_->sqthread_poll) return submit();  // the caller spins, as fio's engine does
  const int result = ring_.enter(ring_.queued(), count, IORING_ENTER_GETEVENTS);
  if (result > 0) submitted(static_cast<unsigned>(result));
  return result;
}

// Submits what is queued and sleeps until something completes or the held arrival is due. -ETIME
// for the latter.
int Engine::wait_for_arrival() {
  const std::uint64_t now = now_ns();
  if (!held_due_ns_ || now >= *held_due_ns_) {
    if (const int result = submit(); result < 0) return result;
    stash_completions();
    return -ETIME;
  }
  if (options_->sqthread_poll) {
    if (const int result = submit(); result < 0) return result;
  }
  const int result = ring_.enter_timeout(ring_.queued(), 1, *held_due_ns_ - now);
  if (result > 0) submitted(static_cast<unsigned>(result));
  return result;
}

// fio reads the clock when getevents() has returned: move the start by what lies between.
void Engine::shift_start(io_u* io, std::uint64_t reaped_ns) const {
  const std::uint64_t shift = returned_ns_ - reaped_ns;
  io->start_time = to_timespec(to_ns(io->start_time) + shift);
  io->issue_time = to_timespec(to_ns(io->issue_time) + shift);
}

std::optional<std::uint64_t> Engine::offered() {
  if (!paced_) return std::nullopt;
  if (start_ns_ == 0) return 0;
  const std::uint64_t length = last_ns_ - start_ns_;
  if (trace_job_) {
    const auto end = std::upper_bound(
        records_.begin(), records_.end(), length,
        [](std::uint64_t time, const Record& record) { return time < record.time_ns; });
    return static_cast<std::uint64_t>(end - records_.begin());
  }
  std::uint64_t total = sidecar_.issued_ios;
  if (held_due_ns_) {
    if (*held_due_ns_ > last_ns_) return total;
    ++total;
  }
  // What nobody drew because the queue was full; a bound against a rate no device could take.
  constexpr std::uint64_t kMostDraws = 20'000'000;
  for (std::uint64_t i = 0; i < kMostDraws; ++i) {
    if (poisson_->next() > length) return total;
    ++total;
  }
  return std::nullopt;
}

}  // namespace kairo::engine
