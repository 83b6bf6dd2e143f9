// SPDX-License-Identifier: GPL-2.0-only
// The I/O path: queue, commit, getevents, event. What every I/O of every job runs through comes
// first and is kept short; `kairo engine cost` measures it against fio's own engine.
#include "engine.h"

#include <unistd.h>

#include "abi.h"
#include "io_kind.h"
#include "notice.h"
#include "refusals.h"

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
  return queue_other(io, flight_.slot(io));
}

template <bool split>
inline fio_q_status Engine::queue_data(io_u* io) {
  const unsigned index = io->index;
  Slot& slot = flight_.slot(index);
  if (!moves_data(io)) [[unlikely]]
    return queue_other(io, slot);
  if (!is_rest(io)) {
    if (is_verification(io))
      slot.cls = Class::kNormal;
    else if constexpr (split)
      slot.cls = chooser_->draw(direction(io));
    else
      slot.cls = job_.class_of_direction[direction(io)];
  }
  fill(io, slot);
  flight_.ring().push(index);
  return FIO_Q_QUEUED;
}

// The class goes to the kernel with the I/O and into fio's statistics, and the rest is the I/O.
inline void Engine::fill(io_u* io, const Slot& slot) {
  const std::size_t cls = hint::index(slot.cls);
  const EntryHead& head = heads_[direction(io)][cls];
  io_uring_sqe& sqe = flight_.ring().sqe(io->index);
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

// Of a replay, whose records are given out here.
int Engine::prep_record(io_u* io) {
  if (!is_rw(io)) return 0;
  Slot& slot = flight_.slot(io);
  if (slot.started) return 0;
  if (!first_checked_ && !io_u_plausible(job_.td, io)) return EINVAL;
  first_checked_ = true;
  return replay_->prep(io, slot, *open_loop_);
}

int Engine::commit() {
  const unsigned queued = flight_.ring().queued();
  if (queued == 0) return 0;
  if (open_loop_ && queued < kSubmitBatch) return 0;  // getevents() submits and sleeps in one
  return flight_.submit();
}

inline int Engine::getevents(unsigned min, unsigned max) {
  if (open_loop_) [[unlikely]]
    return open_loop_->getevents(min, max);
  return closed_loop_.getevents(flight_, min, max);
}

inline io_u* Engine::event(unsigned index) {
  if (flight_.source() != Flight::Source::kRing) [[unlikely]]
    return event_other(index);
  const io_uring_cqe& cqe = flight_.in_ring(index);
  auto* const io = reinterpret_cast<io_u*>(cqe.user_data);
  if (completed_data(io, cqe.res)) [[likely]]
    return io;
  return complete(io, cqe.res);
}

// A transfer that came back whole, as nearly all do, is counted and done with.
inline bool Engine::completed_data(const io_u* io, int result) {
  if (!moves_data(io) || result != static_cast<int>(io->xfer_buflen)) [[unlikely]]
    return false;
  Slot& slot = flight_.slot(io);
  ClassCounters& counters = job_.sidecar.counters[direction(io)][hint::index(slot.cls)];
  ++counters.ios;
  counters.bytes += static_cast<unsigned>(result);
  slot.paced = slot.started = false;
  return true;
}

io_u* Engine::event_other(unsigned index) {
  io_u* io = nullptr;
  if (flight_.source() == Flight::Source::kStash) {
    const Flight::Event& event = flight_.in_stash(index);
    if (event.reaped_ns) open_loop_->move_start(event);
    io = complete(event.io, event.result);
  } else {
    const io_uring_cqe& cqe = flight_.in_ring(index);
    io = complete(reinterpret_cast<io_u*>(cqe.user_data), cqe.res);
  }
  if (job_.sidecar.plan.deadlines) note_deadline(io);
  return io;
}

// On fio's clock and from the start that fio counts from: as late as its clat_ns says.
void Engine::note_deadline(io_u* io) {
  if (!is_rw(io) || io->error || io->resid) return;
  const std::size_t cls = hint::index(flight_.slot(io).cls);
  const std::uint64_t deadline = (*job_.sidecar.plan.deadlines)[cls];
  if (deadline && now_ns() - to_ns(io->issue_time) > deadline)
    ++job_.sidecar.counters[direction(io)][cls].missed;
}

// fio cleared error and resid when it queued the I/O.
io_u* Engine::complete(io_u* io, int result) {
  if (!replay_ && completed_data(io, result)) return io;
  Slot& slot = flight_.slot(io);
  if (moves_data(io)) {
    if (result >= 0) io->resid = io->xfer_buflen - static_cast<unsigned>(result);
  } else {
    restore_entry(io->index);
  }
  if (result < 0) io->error = static_cast<unsigned>(-result);
  if (is_rw(io))
    count(io, slot, result < 0 ? -result : 0);
  else if (result < 0)
    fail_sync(job_, io, -result);
  return io;
}

// A transfer that came back short, a trim, an error.
void Engine::count(io_u* io, Slot& slot, int error) {
  ClassCounters& counters = job_.sidecar.counters[direction(io)][hint::index(slot.cls)];
  if (!error) counters.bytes += io->xfer_buflen - io->resid;
  // fio sends the rest of a short transfer again, as the same I/O.
  if (!error && io->resid > 0 && io->resid < io->xfer_buflen) return;
  if (replay_) replay_->completed(slot, now_ns() - open_loop_->begin());
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
    if (!io_u_plausible(job_.td, io)) {
      notice(
          "this fio has another io_u than the one the engine was built for (rebuild the engine on "
          "this machine)");
      io->error = EINVAL;
      return FIO_Q_COMPLETED;
    }
    first_checked_ = true;
  }
  const bool simple = !open_loop_ && !job_.options->force_async &&
                      cmdprio_.mode == CMDPRIO_MODE_NONE && !attributes_.differ();
  if (simple && !chooser_) queue_ = Queue::kPlain;
  if (simple && chooser_ && chooser_->draws()) queue_ = Queue::kSplit;
  const bool rw = is_rw(io);
  // Once per I/O: of an arrival that waits for its time it is decided.
  if (rw && !slot.paced && !is_rest(io)) slot.cls = class_of(io);
  if (rw && open_loop_ && !open_loop_->may_start(io, slot)) return FIO_Q_BUSY;
  if (moves_data(io)) {
    fill(io, slot);
    if (attributes_.differ())
      flight_.ring().sqe(io->index).addr3 =
          attributes_.fill(io, slot, open_loop_ ? open_loop_->looked_at_ns() : 0);
    if (cmdprio_.mode != CMDPRIO_MODE_NONE && fio_cmdprio_set_ioprio(job_.td, &cmdprio_, io))
      flight_.ring().sqe(io->index).ioprio = io->ioprio;
  } else {
    io_uring_sqe& sqe = flight_.ring().sqe(io->index);
    if (rw) {
      if (labels_) set_label(io, slot);
      if (!Trims::in_ring(trims_->of(io->file))) return trim_now(io, slot);
      trims_->fill(sqe, io);
    } else {
      if (job_.options->hipri) return sync_now(io);
      fill_sync(sqe, io, job_.td);
    }
    sqe.fd = static_cast<int>(io->file->engine_pos);
    if (files_.registered()) sqe.flags |= IOSQE_FIXED_FILE;
  }
  if (job_.options->force_async && ++since_async_ >= job_.options->force_async) {
    since_async_ = 0;
    flight_.ring().sqe(io->index).flags |= IOSQE_ASYNC;
  }
  flight_.ring().push(io->index);
  if (rw && open_loop_ && !slot.started) open_loop_->started(io, slot);
  return FIO_Q_QUEUED;
}

// A trim that the ring cannot do, after what is queued.
fio_q_status Engine::trim_now(io_u* io, Slot& slot) {
  if (flight_.submit() < 0) return FIO_Q_BUSY;
  if (open_loop_) open_loop_->started(io, slot);
  if (!slot.paced && fio_fill_issue_time(job_.td)) fio_gettime(&io->issue_time, nullptr);
  trims_->run(io);
  io_u_mark_submit(job_.td, 1);
  io_u_mark_complete(job_.td, 1);
  count(io, slot, static_cast<int>(io->error));
  return FIO_Q_COMPLETED;
}

// The sync that fio makes of itself before it verifies, which a ring that polls does not take. One
// that the job asks for is refused (job_checks.cc).
fio_q_status Engine::sync_now(io_u* io) {
  if (flight_.submit() < 0) return FIO_Q_BUSY;
  if (fsync(io->file->fd) != 0) io->error = static_cast<unsigned>(errno);
  return FIO_Q_COMPLETED;
}

// Once: the rest of the queue comes back the same.
void Engine::explain_refusal(const io_u* io, const Slot& slot) {
  if (refusal_explained_) return;
  const bool hinted = attributes_.mask() || hints_[hint::index(slot.cls)].rw_flags;
  const Trim trim = io->ddir == DDIR_TRIM ? trims_->known(io->file) : Trim::kUnknown;
  const std::string text = refusal_of(job_, io, hinted, trim);
  if (text.empty()) return;
  refusal_explained_ = true;
  notice(text);
}

Class Engine::class_of(const io_u* io) {
  if (is_verification(io)) return Class::kNormal;
  if (!chooser_) return job_.class_of_direction[direction(io)];
  return chooser_->choose(direction(io), static_cast<std::size_t>(io->file->fileno), io->offset,
                          io->buflen);
}

// What a read or write expects to find in its entry, after something else used it.
void Engine::restore_entry(unsigned index) {
  io_uring_sqe& sqe = flight_.ring().sqe(index);
  sqe = {};
  sqe.user_data = reinterpret_cast<std::uint64_t>(flight_.slot(index).io);
  // attr_type_mask, as headers from 6.14 on call it. What addr3, attr_ptr, points at is fill()'s.
  sqe.__pad2[0] = attributes_.mask();
  if (job_.options->fixedbufs) sqe.buf_index = static_cast<std::uint16_t>(index);
  if (!vectors_.empty()) {
    sqe.addr = reinterpret_cast<std::uint64_t>(&vectors_[index]);
    sqe.len = 1;
  }
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
