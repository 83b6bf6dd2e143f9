// SPDX-License-Identifier: GPL-2.0-only
#include "open_loop.h"

#include <sys/prctl.h>

#include <algorithm>
#include <utility>

#include "io_kind.h"

namespace kairo::engine {

// With nothing in flight there is nothing to wait for but the clock; fio looks at its run time and
// at interrupts after each nap.
constexpr std::uint64_t kNapNs = 10'000'000;

OpenLoop::OpenLoop(Job& job, Flight& flight) : job_(job), flight_(flight) {
  thread_data* td = job.td;
  if (!job.replays())
    poisson_.emplace(static_cast<double>(job.options->rate), td->rand_seeds[FIO_RAND_POISSON_OFF]);
  job.sidecar.arrivals = job.replays() ? "trace" : "poisson";
  // The default slack of 50 us would be in every latency.
  prctl(PR_SET_TIMERSLACK, 1);
  // Both would make fio wait for more completions than one while an arrival is due.
  td->o.iodepth_low = td->o.iodepth;
  td->o.iodepth_batch_complete_min = 1;
}

std::uint64_t OpenLoop::begin() {
  if (start_ns_ == 0) start_ns_ = now_ns();
  return start_ns_;
}

void OpenLoop::hold(Slot& slot, std::uint64_t due_ns) {
  slot.due_ns = due_ns;
  slot.paced = true;
  held_due_ns_ = due_ns;
}

bool OpenLoop::may_start(io_u* io, Slot& slot) {
  if (!slot.paced) {
    // Reads that check what was written and the rest of a short transfer are no arrivals.
    if (is_rest(io) || is_verification(io)) return true;
    const std::uint64_t start_ns = begin();
    hold(slot, start_ns + poisson_->next());
  }
  // fio has just looked at its clock to fill start_time, unless it was told not to.
  last_ns_ = job_.td->o.disable_lat ? now_ns() : to_ns(io->start_time);
  if (last_ns_ >= slot.due_ns) return slot.record != kNoRecord;
  if (job_.td->o.verify != 0) return sleep_until_due();
  if (!flight_.idle()) {
    waiting_for_arrival_ = true;  // fio calls getevents() next
    return false;
  }
  nap(std::min(slot.due_ns - last_ns_, kNapNs));
  last_ns_ = now_ns();
  return last_ns_ >= slot.due_ns && slot.record != kNoRecord;
}

// A job that verifies does not answer "busy": each time that fio offers a write it fills the buffer
// and draws the seed of its pattern anew, and a mixed job would be checked for seeds of which
// nothing was written. So it sleeps here, until the job is over at the latest.
bool OpenLoop::sleep_until_due() {
  const thread_data* td = job_.td;
  while (last_ns_ < *held_due_ns_) {
    const std::uint64_t run_ns = last_ns_ - std::min(last_ns_, to_ns(td->epoch));
    if (td->terminate || (td->o.timeout > 0 && run_ns >= td->o.timeout * 1000)) return false;
    if (flight_.idle()) {
      nap(std::min(*held_due_ns_ - last_ns_, kNapNs));
    } else {
      const int result = wait_for_arrival();
      if (result < 0 && result != -ETIME && !try_again(-result)) {
        flight_.failed(result);
        return false;
      }
      flight_.stash_completions(true);
    }
    last_ns_ = now_ns();
  }
  return true;
}

void OpenLoop::started(io_u* io, Slot& slot) {
  slot.started = true;
  ++job_.sidecar.issued_ios;
  if (!slot.paced) return;
  held_due_ns_.reset();
  // fio takes latencies from these two: the intended start, whatever kept the I/O from it.
  io->start_time = io->issue_time = to_timespec(slot.due_ns);
  const std::uint64_t late = last_ns_ - slot.due_ns;
  ClassCounters& counters = job_.sidecar.counters[direction(io)][hint::index(slot.cls)];
  counters.late += late > kLateNs ? 1 : 0;
  counters.max_late_ns = std::max(counters.max_late_ns, late);
}

int OpenLoop::getevents(unsigned min, unsigned max) {
  flight_.read_stash();
  const bool for_arrival = std::exchange(waiting_for_arrival_, false);
  // The end of an open-loop job: fio takes the time once for all that it waits for, and the first
  // would be charged with waiting for the last.
  const bool draining = !for_arrival && min > 1;
  for (;;) {
    flight_.stash_completions(draining);
    const bool enough = for_arrival ? flight_.stashed() > 0 : flight_.stashed() >= min;
    int result = 0;
    if (enough) {
      result = flight_.submit();
      if (result == 0 && min == 0 && flight_.stashed() == 0) {
        result = flight_.ring().enter(0, 0, IORING_ENTER_GETEVENTS);
        flight_.stash_completions();
      }
    } else if (for_arrival) {
      result = wait_for_arrival();
      if (result == -ETIME) break;
    } else {
      result = submit_and_wait(draining ? 1 : min - static_cast<unsigned>(flight_.stashed()));
    }
    if (result < 0 && !try_again(-result)) return flight_.failed(result);
    if (enough) break;
  }
  if (draining || job_.td->o.verify != 0) returned_ns_ = now_ns();
  return flight_.deliver_stash(max);
}

int OpenLoop::submit_and_wait(unsigned count) {
  // The caller spins, as fio's engine does.
  return flight_.ring().polled_by_kernel() ? flight_.submit() : flight_.submit_and_wait(count);
}

// Submits what is queued and sleeps until something completes or the held arrival is due. -ETIME
// for the latter.
int OpenLoop::wait_for_arrival() {
  const std::uint64_t now = now_ns();
  if (!held_due_ns_ || now >= *held_due_ns_) {
    if (const int result = flight_.submit(); result < 0) return result;
    flight_.stash_completions();
    return -ETIME;
  }
  if (flight_.ring().polled_by_kernel()) {
    if (const int result = flight_.submit(); result < 0) return result;
  }
  return flight_.submit_and_wait_for(*held_due_ns_ - now);
}

void OpenLoop::move_start(const Flight::Event& event) const {
  const std::uint64_t shift = returned_ns_ - event.reaped_ns;
  event.io->start_time = to_timespec(to_ns(event.io->start_time) + shift);
  event.io->issue_time = to_timespec(to_ns(event.io->issue_time) + shift);
}

std::optional<std::uint64_t> OpenLoop::offered() {
  std::uint64_t total = job_.sidecar.issued_ios;
  if (held_due_ns_) {
    if (*held_due_ns_ > last_ns_) return total;
    ++total;
  }
  // What nobody drew because the queue was full; a bound against a rate no device could take.
  constexpr std::uint64_t kMostDraws = 20'000'000;
  for (std::uint64_t i = 0; i < kMostDraws; ++i) {
    if (poisson_->next() > length_ns()) return total;
    ++total;
  }
  return std::nullopt;
}

}  // namespace kairo::engine
