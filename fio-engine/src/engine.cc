// SPDX-License-Identifier: GPL-2.0-only
// The I/O path: queue, commit, getevents, event. What every I/O of every job runs through comes
// first and is kept short; `kairo engine cost` measures it against fio's own engine.
#include "engine.h"

#include <fcntl.h>
#include <linux/falloc.h>

#include <algorithm>

#include "abi.h"
#include "io_kind.h"
#include "notice.h"
#include "zones.h"

namespace kairo::engine {

using hint::Class;

// In an open loop submissions wait for the system call that sleeps until the next arrival, unless
// this many have come together.
constexpr unsigned kSubmitBatch = 8;

inline fio_q_status Engine::queue(io_u* io) {
  switch (queue_) {
    case Queue::kPlain:
      return queue_data<false>(io);
    case Queue::kSplit:
      return queue_data<true>(io);
    case Queue::kOther:
      break;
  }
  return queue_other(io, slots_[io->index]);
}

template <bool split>
inline fio_q_status Engine::queue_data(io_u* io) {
  const unsigned index = io->index;
  Slot& slot = slots_[index];
  if (!moves_data(io)) [[unlikely]]
    return queue_other(io, slot);
  if (!is_rest(io)) {
    if (is_verification(io))
      slot.cls = Class::kNormal;
    else if constexpr (split)
      slot.cls = chooser_->draw(direction(io));
    else
      slot.cls = class_of_direction_[direction(io)];
  }
  fill(io, slot);
  ring_.push(index);
  return FIO_Q_QUEUED;
}

// The class goes to the kernel with the I/O and into fio's statistics, and the rest is the I/O.
inline void Engine::fill(io_u* io, const Slot& slot) {
  const std::size_t cls = hint::index(slot.cls);
  const EntryHead& head = heads_[direction(io)][cls];
  io_uring_sqe& sqe = ring_.sqe(io->index);
  static_assert(offsetof(EntryHead, flags) == offsetof(io_uring_sqe, flags) &&
                offsetof(EntryHead, ioprio) == offsetof(io_uring_sqe, ioprio));
  std::memcpy(&sqe, &head, offsetof(io_uring_sqe, fd));
  // open_file() put what the ring calls the file there.
  sqe.fd = static_cast<int>(io->file->engine_pos);
  sqe.off = io->offset;
  sqe.rw_flags = static_cast<decltype(sqe.rw_flags)>(head.rw_flags);
  sqe.addr3 = head.attribute;
  if (vectors_.empty()) [[likely]] {
    sqe.addr = reinterpret_cast<std::uint64_t>(io->xfer_buf);
    sqe.len = static_cast<std::uint32_t>(io->xfer_buflen);
  } else {
    vectors_[io->index] = {io->xfer_buf, static_cast<std::size_t>(io->xfer_buflen)};
  }
  if (labels_) set_label(io, slot);
}

inline void Engine::set_label(io_u* io, const Slot& slot) const {
  io->ioprio = hints_[hint::index(slot.cls)].label;
  io->clat_prio_index = hints_[hint::index(slot.cls)].slot;
}

int Engine::commit() {
  if (ring_.queued() == 0) return 0;
  if (paced_ && ring_.queued() < kSubmitBatch) return 0;  // getevents() submits and sleeps in one
  return submit();
}

// Gives the kernel all that is queued. 0 or a negative errno.
int Engine::submit() {
  if (ring_.queued() == 0) return 0;
  const int result = hand_over();
  if (result == static_cast<int>(ring_.queued())) [[likely]]
    return submitted(ring_.queued());
  return submit_rest(result);
}

// What io_uring_enter(2) says to all that is queued.
inline int Engine::hand_over() {
  if (!options_->sqthread_poll) [[likely]]
    return ring_.enter(ring_.queued(), 0, IORING_ENTER_GETEVENTS);
  if (ring_.needs_wakeup()) ring_.enter(ring_.queued(), 0, IORING_ENTER_SQ_WAKEUP);
  return static_cast<int>(ring_.queued());
}

// The kernel took `result` of it, or had an error.
int Engine::submit_rest(int result) {
  for (;; result = hand_over()) {
    if (result > 0) {
      submitted(static_cast<unsigned>(result));
    } else if (result == 0 || try_again(-result)) {
      // Out of requests or completion entries for the moment: make room.
      const std::size_t before = stash_.size();
      stash_completions();
      if (stash_.size() == before) nap(1000);
    } else {
      set_error(td_, -result, "io_uring_enter");
      return result;
    }
    if (ring_.queued() == 0) return 0;
  }
}

// The kernel, or its polling thread, has the oldest `count` of what is queued. 0.
int Engine::submitted(unsigned count) {
  const unsigned start = ring_.take(count);
  in_flight_ += count;
  if (issue_times_) [[likely]] {
    timespec now;
    fio_gettime(&now, nullptr);
    for (unsigned i = 0; i < count; ++i) {
      const Slot& slot = slots_[ring_.request_at(start + i)];
      if (!slot.paced) slot.io->issue_time = now;
      io_u_queued(td_, slot.io);
    }
    if (td_->o.read_iolog_file) td_->last_issue = now;
  }
  io_u_mark_submit(td_, count);
  return 0;
}

// As fio's own engine, to the number of system calls: what is there is taken at once, and the
// kernel is asked only for what is missing.
inline int Engine::getevents(unsigned min, unsigned max) {
  if (paced_ || !stash_.empty()) [[unlikely]]
    return paced_ ? getevents_paced(min, max) : getevents_stashed(min, max);
  events_ = ring_events_;
  cq_position_ = ring_.cq_head();
  const unsigned ready = std::min(ring_.cq_ready(), max);
  if (ready < min) [[unlikely]]
    return getevents_waiting(min, max);
  ring_.cq_advance(ready);
  in_flight_ -= ready;
  return static_cast<int>(ready);
}

int Engine::getevents_waiting(unsigned min, unsigned max) {
  unsigned events = 0;
  unsigned missing = td_->o.iodepth_batch_complete_min == 0 ? 0 : min;
  for (;;) {
    const unsigned ready = std::min(ring_.cq_ready(), max - events);
    ring_.cq_advance(ready);
    events += ready;
    if (events >= min) break;
    missing -= std::min(missing, ready);
    if (options_->sqthread_poll || ready > 0) continue;  // spins, as fio's engine does
    const int result = ring_.enter(0, missing, IORING_ENTER_GETEVENTS);
    if (result < 0 && !try_again(-result)) {
      set_error(td_, -result, "io_uring_enter");
      return result;
    }
  }
  in_flight_ -= events;
  return static_cast<int>(events);
}

inline io_u* Engine::event(unsigned index) {
  if (events_ != Events::kRing) [[unlikely]]
    return event_other(index);
  const io_uring_cqe& cqe = ring_.cqe(cq_position_ + index);
  auto* const io = reinterpret_cast<io_u*>(cqe.user_data);
  if (completed_data(io, cqe.res)) [[likely]]
    return io;
  return complete(io, cqe.res);
}

// A transfer that came back whole, as nearly all do, is counted and done with.
inline bool Engine::completed_data(const io_u* io, int result) {
  if (!moves_data(io) || result != static_cast<int>(io->xfer_buflen)) [[unlikely]]
    return false;
  Slot& slot = slots_[io->index];
  ClassCounters& counters = sidecar_.counters[direction(io)][hint::index(slot.cls)];
  ++counters.ios;
  counters.bytes += static_cast<unsigned>(result);
  slot.paced = slot.started = false;
  return true;
}

io_u* Engine::event_other(unsigned index) {
  io_u* io = nullptr;
  if (events_ == Events::kStash) {
    const Event& event = stash_[index];
    if (event.reaped_ns) shift_start(event.io, event.reaped_ns);
    io = complete(event.io, event.result);
  } else {
    const io_uring_cqe& cqe = ring_.cqe(cq_position_ + index);
    io = complete(reinterpret_cast<io_u*>(cqe.user_data), cqe.res);
  }
  if (sidecar_.plan.deadlines) note_deadline(io);
  return io;
}

// On fio's clock and from the start that fio counts from: as late as its clat_ns says.
void Engine::note_deadline(io_u* io) {
  if (!is_rw(io) || io->error || io->resid) return;
  const std::size_t cls = hint::index(slots_[io->index].cls);
  const std::uint64_t deadline = (*sidecar_.plan.deadlines)[cls];
  if (deadline && now_ns() - to_ns(io->issue_time) > deadline)
    ++sidecar_.counters[direction(io)][cls].missed;
}

// fio cleared error and resid when it queued the I/O.
io_u* Engine::complete(io_u* io, int result) {
  if (!trace_job_ && completed_data(io, result)) return io;
  Slot& slot = slots_[io->index];
  if (moves_data(io)) {
    if (result >= 0) io->resid = io->xfer_buflen - static_cast<unsigned>(result);
  } else {
    restore_entry(io->index);
  }
  if (result < 0) io->error = static_cast<unsigned>(-result);
  if (is_rw(io))
    count(io, slot, result < 0 ? -result : 0);
  else if (result < 0)
    fail_sync(io, -result);
  return io;
}

// A transfer that came back short, a trim, an error.
void Engine::count(io_u* io, Slot& slot, int error) {
  ClassCounters& counters = sidecar_.counters[direction(io)][hint::index(slot.cls)];
  if (!error) counters.bytes += io->xfer_buflen - io->resid;
  // fio sends the rest of a short transfer again, as the same I/O.
  if (!error && io->resid > 0 && io->resid < io->xfer_buflen) return;
  if (trace_job_) record_done(slot);
  slot.paced = slot.started = false;
  if (!error) {
    ++counters.ios;
    return;
  }
  ++counters.errors;
  if (error == EOPNOTSUPP) explain_refusal(io, slot);
}

// The first I/O, trims and syncs, and every I/O of a job that is not plain.
fio_q_status Engine::queue_other(io_u* io, Slot& slot) {
  if (!first_checked_) {
    if (!io_u_plausible(td_, io)) {
      notice(
          "this fio has another io_u than the one the engine was built for (rebuild the engine on "
          "this machine)");
      io->error = EINVAL;
      return FIO_Q_COMPLETED;
    }
    first_checked_ = true;
  }
  const bool simple = !paced_ && !options_->force_async && cmdprio_.mode == CMDPRIO_MODE_NONE &&
                      own_attributes_.empty();
  if (simple && !chooser_) queue_ = Queue::kPlain;
  if (simple && chooser_ && chooser_->draws()) queue_ = Queue::kSplit;
  const bool rw = is_rw(io);
  if (rw && paced_ && !may_start(io, slot)) return FIO_Q_BUSY;
  if (rw && !paced_ && !is_rest(io)) slot.cls = class_of(io);
  if (moves_data(io)) {
    fill(io, slot);
    if (!own_attributes_.empty()) fill_attribute(io, slot);
    if (cmdprio_.mode != CMDPRIO_MODE_NONE && fio_cmdprio_set_ioprio(td_, &cmdprio_, io))
      ring_.sqe(io->index).ioprio = io->ioprio;
  } else {
    if (rw) {
      if (labels_) set_label(io, slot);
      const Trim trim = trim_of(io->file);
      if (trim != Trim::kDiscard && trim != Trim::kAllocate) return trim_now(io, slot);
      fill_trim(io);
    } else {
      if (options_->hipri) return sync_now(io);
      fill_sync(io);
    }
    io_uring_sqe& sqe = ring_.sqe(io->index);
    sqe.fd = static_cast<int>(io->file->engine_pos);
    if (!fds_.empty()) sqe.flags |= IOSQE_FIXED_FILE;
  }
  if (options_->force_async && ++since_async_ >= options_->force_async) {
    since_async_ = 0;
    ring_.sqe(io->index).flags |= IOSQE_ASYNC;
  }
  ring_.push(io->index);
  if (rw && paced_ && !slot.started) note_start(io, slot);
  return FIO_Q_QUEUED;
}

Class Engine::class_of(const io_u* io) {
  if (is_verification(io)) return Class::kNormal;
  if (!chooser_) return class_of_direction_[direction(io)];
  return chooser_->choose(direction(io), static_cast<std::size_t>(io->file->fileno), io->offset,
                          io->buflen);
}

// What a read or write expects to find in its entry, after something else used it.
void Engine::restore_entry(unsigned index) {
  io_uring_sqe& sqe = ring_.sqe(index);
  sqe = {};
  sqe.user_data = reinterpret_cast<std::uint64_t>(slots_[index].io);
  // attr_type_mask, as headers from 6.14 on call it. What addr3, attr_ptr, points at is fill()'s.
  sqe.__pad2[0] = attribute_mask_;
  if (options_->fixedbufs) sqe.buf_index = static_cast<std::uint16_t>(index);
  if (!vectors_.empty()) {
    sqe.addr = reinterpret_cast<std::uint64_t>(&vectors_[index]);
    sqe.len = 1;
  }
}

// Moves every completion out of the ring. With the time, when fio will hear of it later.
void Engine::stash_completions(bool with_time) {
  const unsigned ready = ring_.cq_ready();
  const std::uint64_t reaped_ns = with_time && ready > 0 ? now_ns() : 0;
  const unsigned position = ring_.cq_head();
  for (unsigned i = 0; i < ready; ++i) {
    const io_uring_cqe& cqe = ring_.cqe(position + i);
    stash_.push_back({reinterpret_cast<io_u*>(cqe.user_data), cqe.res, reaped_ns});
  }
  ring_.cq_advance(ready);
  in_flight_ -= ready;
}

// Closed loop, after the kernel had no room: completions were stashed.
int Engine::getevents_stashed(unsigned min, unsigned max) {
  stash_.erase(stash_.begin(), stash_.begin() + static_cast<std::ptrdiff_t>(delivered_));
  delivered_ = 0;
  if (stash_.empty()) return getevents(min, max);
  for (;;) {
    stash_completions();
    if (stash_.size() >= min) break;
    const unsigned missing = min - static_cast<unsigned>(stash_.size());
    const int result = ring_.enter(0, missing, IORING_ENTER_GETEVENTS);
    if (result < 0 && !try_again(-result)) {
      set_error(td_, -result, "io_uring_enter");
      return result;
    }
  }
  events_ = Events::kStash;
  delivered_ = std::min<std::size_t>(stash_.size(), max);
  return static_cast<int>(delivered_);
}

fio_q_status on_queue(thread_data* td, io_u* io) {
  fio_ro_check(td, io);
  return static_cast<Engine*>(td->io_ops_data)->queue(io);
}

int on_commit(thread_data* td) {
  return static_cast<Engine*>(td->io_ops_data)->commit();
}

int on_getevents(thread_data* td, unsigned min, unsigned max, const timespec*) {
  return static_cast<Engine*>(td->io_ops_data)->getevents(min, max);
}

io_u* on_event(thread_data* td, int index) {
  return static_cast<Engine*>(td->io_ops_data)->event(static_cast<unsigned>(index));
}

}  // namespace kairo::engine
