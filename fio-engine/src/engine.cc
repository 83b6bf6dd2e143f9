// SPDX-License-Identifier: GPL-2.0-only
// The I/O path: queue, commit, getevents, event.
#include "engine.h"

#include <fcntl.h>
#include <linux/falloc.h>

#include <algorithm>
#include <utility>

#include "abi.h"

namespace kairo::engine {
namespace {

using hint::Class;

constexpr std::uint64_t kSecond = 1'000'000'000;
// With nothing in flight there is nothing to wait for but the clock; fio looks at its run time and
// at interrupts after each nap.
constexpr std::uint64_t kNapNs = 10'000'000;
// In an open loop submissions wait for the system call that sleeps until the next arrival, unless
// this many have come together.
constexpr std::size_t kSubmitBatch = 8;

// RWF_DONTCACHE and, before it was merged, fio's RWF_UNCACHED: the name fio 3.33 knows.
constexpr std::uint32_t kRwfDontCache = 0x80;

std::uint64_t to_ns(const timespec& t) {
  return static_cast<std::uint64_t>(t.tv_sec) * kSecond + static_cast<std::uint64_t>(t.tv_nsec);
}

timespec to_timespec(std::uint64_t ns) {
  return {static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
}

void nap(std::uint64_t ns) {
  const timespec time = to_timespec(ns);
  // A signal only shortens it, and the caller looks at the clock again.
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

bool moves_data(const io_u* io) {
  return io->ddir == DDIR_READ || io->ddir == DDIR_WRITE;
}

bool is_rw(const io_u* io) {
  return moves_data(io) || io->ddir == DDIR_TRIM;
}

// 0 read, 1 write, 2 trim: of an I/O that is_rw().
std::size_t direction(const io_u* io) {
  return static_cast<std::size_t>(io->ddir);
}

// The rest of a transfer that came back short.
bool is_rest(const io_u* io) {
  return io->xfer_buf != io->buf;
}

bool try_again(int error) {
  return error == EAGAIN || error == EINTR || error == EBUSY;
}

}  // namespace

std::uint64_t Engine::now_ns() const {
  timespec now;
  fio_gettime(&now, nullptr);
  return to_ns(now);
}

// Called by fio for each I/O it has made up, again when it comes back from "busy". Only a replay
// needs it: here the record takes the place of what fio chose, before fio accounts it.
int Engine::prep(io_u* io) {
  if (!trace_job_ || !is_rw(io)) return 0;
  Slot& slot = slots_[io->index];
  if (slot.paced) return 0;
  if (!first_checked_) {
    first_checked_ = true;
    if (!io_u_plausible(td_, io)) return EINVAL;
  }
  if (next_record_ == records_.size()) {
    // fio drains what is in flight and ends the job.
    fio_mark_td_terminate(td_);
    return ENODATA;
  }
  if (start_ns_ == 0) start_ns_ = now_ns();
  const Record& record = records_[next_record_++];
  slot.cls = sidecar_.carrier.used == Path::kNone ? Class::kNormal : record.cls;
  slot.due_ns = start_ns_ + record.time_ns;
  slot.paced = true;
  held_due_ns_ = slot.due_ns;
  io->ddir = record.cls == Class::kEvict     ? DDIR_TRIM
             : record.cls == Class::kPrefill ? DDIR_WRITE
                                             : DDIR_READ;
  io->acct_ddir = io->ddir;
  io->offset = td_->files[0]->file_offset + record.offset;
  io->verify_offset = io->offset;
  io->buflen = record.length;
  io->xfer_buflen = record.length;
  if (io->ddir == DDIR_WRITE && (td_->flags & TD_F_REFILL_BUFFERS))
    io_u_fill_buffer(td_, io, record.length, record.length);
  return 0;
}

void Engine::assign_due(Slot& slot) {
  if (start_ns_ == 0) start_ns_ = now_ns();
  slot.due_ns = start_ns_ + poisson_->next();
  slot.paced = true;
  held_due_ns_ = slot.due_ns;
}

// Whether the time of this I/O has come. When not, the caller answers "busy" and fio comes back.
bool Engine::may_start(io_u* io, Slot& slot) {
  // Reads that check what was written and the rest of a short transfer are no arrivals.
  if (!slot.paced && ((io->flags & IO_U_F_VER_LIST) || is_rest(io))) return true;
  if (!slot.paced) assign_due(slot);
  last_ns_ = now_ns();
  if (last_ns_ >= slot.due_ns) return true;
  if (in_flight_ > 0 || !pending_.empty()) {
    waiting_for_arrival_ = true;  // fio calls getevents() next
    return false;
  }
  nap(std::min(slot.due_ns - last_ns_, kNapNs));
  last_ns_ = now_ns();
  return last_ns_ >= slot.due_ns;
}

void Engine::note_start(io_u* io, Slot& slot) {
  slot.started = true;
  ++sidecar_.issued_ios;
  if (!slot.paced) return;
  held_due_ns_.reset();
  // fio takes latencies from these two: the intended start, whatever kept the I/O from it.
  io->start_time = io->issue_time = to_timespec(slot.due_ns);
  const std::uint64_t late = last_ns_ - slot.due_ns;
  ClassCounters& counters = sidecar_.classes[hint::index(slot.cls)];
  counters.late += late > kLateNs ? 1 : 0;
  counters.max_late_ns = std::max(counters.max_late_ns, late);
}

fio_q_status Engine::queue(io_u* io) {
  if (!first_checked_) {
    first_checked_ = true;
    if (!io_u_plausible(td_, io)) {
      log_err(
          "kairo: this fio has another io_u than the one the engine was built for (rebuild the "
          "engine on this machine)\n");
      io->error = EINVAL;
      return FIO_Q_COMPLETED;
    }
  }
  Slot& slot = slots_[io->index];
  const bool rw = is_rw(io);
  if (rw) {
    if (!trace_job_ && !is_rest(io))
      slot.cls = io->flags & IO_U_F_VER_LIST ? Class::kNormal : class_of_direction_[direction(io)];
    if (paced() && !may_start(io, slot)) return FIO_Q_BUSY;
    if (sidecar_.carrier.used != Path::kNone) {
      const ClassHint& hint = hints_[hint::index(slot.cls)];
      io->ioprio = hint.label;
      io->clat_prio_index = hint.slot;
    }
    if (io->ddir == DDIR_TRIM && trim_of(io->file) == Trim::kSync) return trim_now(io, slot);
  }
  io_uring_sqe* sqe = io_uring_get_sqe(ring_.get());
  if (!sqe) return FIO_Q_BUSY;
  fill_sqe(sqe, io, slot);
  pending_.push_back(io);
  if (rw && !slot.started) note_start(io, slot);
  return FIO_Q_QUEUED;
}

void Engine::fill_sqe(io_uring_sqe* sqe, io_u* io, Slot& slot) {
  const fio_file* file = io->file;
  const int fd = fds_.empty() ? file->fd : static_cast<int>(file->engine_pos);
  if (moves_data(io)) {
    const bool read = io->ddir == DDIR_READ;
    const auto length = static_cast<unsigned>(io->xfer_buflen);
    if (options_->fixedbufs) {
      io_uring_prep_rw(read ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED, sqe, fd, io->xfer_buf,
                       length, io->offset);
      sqe->buf_index = static_cast<std::uint16_t>(io->index);
    } else if (nonvectored_) {
      io_uring_prep_rw(read ? IORING_OP_READ : IORING_OP_WRITE, sqe, fd, io->xfer_buf, length,
                       io->offset);
    } else {
      slot.vec = {io->xfer_buf, length};
      io_uring_prep_rw(read ? IORING_OP_READV : IORING_OP_WRITEV, sqe, fd, &slot.vec, 1,
                       io->offset);
    }
    const ClassHint& hint = hints_[hint::index(slot.cls)];
    std::uint32_t flags = hint.rw_flags;
    if (options_->uncached && !td_->o.odirect) flags |= kRwfDontCache;
    if (options_->nowait) flags |= RWF_NOWAIT;
    sqe->rw_flags = static_cast<decltype(sqe->rw_flags)>(flags);
    // Always set, as fio's engine does: the polling thread knows nothing of this thread's priority.
    sqe->ioprio = hint.sqe_ioprio;
  } else if (io->ddir == DDIR_TRIM) {
    fill_trim(sqe, io);
    sqe->fd = fd;
  } else if (io->ddir == DDIR_SYNC_FILE_RANGE) {
    io_uring_prep_sync_file_range(sqe, fd,
                                  static_cast<unsigned>(file->last_write - file->first_write),
                                  file->first_write, static_cast<int>(td_->o.sync_file_range));
  } else {
    io_uring_prep_fsync(sqe, fd, io->ddir == DDIR_DATASYNC ? IORING_FSYNC_DATASYNC : 0);
  }
  if (!fds_.empty()) sqe->flags |= IOSQE_FIXED_FILE;
  if (options_->force_async && ++since_async_ == options_->force_async) {
    since_async_ = 0;
    sqe->flags |= IOSQE_ASYNC;
  }
  io_uring_sqe_set_data(sqe, io);
}

// Neither operation takes a priority or flags: the kernel knows an eviction by the operation.
void Engine::fill_trim(io_uring_sqe* sqe, io_u* io) {
  if (trim_of(io->file) == Trim::kDiscard)
    prep_discard(sqe, -1, io->offset, io->xfer_buflen);
  else
    io_uring_prep_fallocate(sqe, -1, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                            static_cast<off_t>(io->offset), static_cast<off_t>(io->xfer_buflen));
}

// A device or kernel without the asynchronous command: fio's own ioctl, after what is queued.
fio_q_status Engine::trim_now(io_u* io, Slot& slot) {
  if (!pending_.empty() && submit() < 0) return FIO_Q_BUSY;
  note_start(io, slot);
  if (!slot.paced && fio_fill_issue_time(td_)) fio_gettime(&io->issue_time, nullptr);
  do_io_u_trim(td_, io);
  io_u_mark_submit(td_, 1);
  io_u_mark_complete(td_, 1);
  count(io, slot, static_cast<int>(io->error));
  return FIO_Q_COMPLETED;
}

int Engine::commit() {
  if (pending_.empty()) return 0;
  if (paced() && pending_.size() < kSubmitBatch) return 0;  // getevents() submits and sleeps in one
  return submit();
}

// Gives the kernel all that is pending. 0 or a negative errno.
int Engine::submit() {
  while (!pending_.empty()) {
    const int result = io_uring_submit_and_get_events(ring_.get());
    if (result > 0) {
      submitted(static_cast<unsigned>(result));
    } else if (result == 0 || try_again(-result)) {
      // Out of requests or completion entries for the moment: make room.
      const std::size_t before = events_.size();
      reap();
      if (events_.size() == before) nap(1000);
    } else {
      set_error(td_, -result, "io_uring submit");
      return result;
    }
  }
  return 0;
}

void Engine::submitted(unsigned count) {
  count = std::min(count, static_cast<unsigned>(pending_.size()));
  if (count == 0) return;
  if (fio_fill_issue_time(td_)) {
    timespec now;
    fio_gettime(&now, nullptr);
    for (unsigned i = 0; i < count; ++i) {
      io_u* io = pending_[i];
      if (!slots_[io->index].paced) io->issue_time = now;
      io_u_queued(td_, io);
    }
    if (td_->o.read_iolog_file) td_->last_issue = now;
  }
  io_u_mark_submit(td_, count);
  in_flight_ += count;
  pending_.erase(pending_.begin(), pending_.begin() + count);
}

// Moves every completion out of the ring, so that the ring, which has an entry per request, never
// overflows while fio works through them.
void Engine::reap() {
  unsigned head = 0;
  unsigned count = 0;
  io_uring_cqe* cqe = nullptr;
  io_uring_for_each_cqe(ring_.get(), head, cqe) {
    events_.push_back({static_cast<io_u*>(io_uring_cqe_get_data(cqe)), cqe->res, 0});
    ++count;
  }
  if (count == 0) return;
  io_uring_cq_advance(ring_.get(), count);
  in_flight_ -= count;
}

int Engine::getevents(unsigned min, unsigned max) {
  events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(delivered_));
  delivered_ = 0;
  const bool for_arrival = std::exchange(waiting_for_arrival_, false);
  // The end of an open-loop job: fio takes the time once for all that it waits for, and the first
  // would be charged with waiting for the last.
  const bool draining = paced() && !for_arrival && min > 1;
  for (std::size_t seen = 0;; seen = events_.size()) {
    reap();
    if (draining && events_.size() > seen) {
      const std::uint64_t now = now_ns();
      for (std::size_t i = seen; i < events_.size(); ++i) events_[i].reaped_ns = now;
    }
    const bool enough = for_arrival ? !events_.empty() : events_.size() >= min;
    int result = 0;
    if (enough) {
      if (!pending_.empty()) result = submit();
      if (result == 0 && min == 0 && events_.empty()) {
        result = io_uring_get_events(ring_.get());
        reap();
      }
    } else if (for_arrival) {
      result = wait_for_arrival();
      if (result == -ETIME) break;
    } else {
      result = wait(draining ? 1 : min - static_cast<unsigned>(events_.size()));
    }
    if (result < 0 && !try_again(-result)) {
      set_error(td_, -result, "io_uring wait");
      return result;
    }
    if (enough) break;
  }
  if (draining) returned_ns_ = now_ns();
  delivered_ = std::min<std::size_t>(events_.size(), max);
  return static_cast<int>(delivered_);
}

int Engine::wait(unsigned count) {
  if (options_->sqthread_poll && pending_.empty()) return 0;  // spins, as fio's engine does
  const int result = io_uring_submit_and_wait(ring_.get(), count);
  submitted(static_cast<unsigned>(pending_.size()) - io_uring_sq_ready(ring_.get()));
  return result;
}

// Submits what is pending and sleeps until something completes or the held arrival is due. -ETIME
// for the latter.
int Engine::wait_for_arrival() {
  const std::uint64_t now = now_ns();
  if (!held_due_ns_ || now >= *held_due_ns_) {
    if (!pending_.empty()) {
      const int result = submit();
      if (result < 0) return result;
    }
    reap();
    return -ETIME;
  }
  __kernel_timespec left = {};
  left.tv_sec = static_cast<std::int64_t>((*held_due_ns_ - now) / kSecond);
  left.tv_nsec = static_cast<std::int64_t>((*held_due_ns_ - now) % kSecond);
  io_uring_cqe* cqe = nullptr;
  const int result = io_uring_submit_and_wait_timeout(ring_.get(), &cqe, 1, &left, nullptr);
  submitted(static_cast<unsigned>(pending_.size()) - io_uring_sq_ready(ring_.get()));
  return result;
}

io_u* Engine::event(int index) {
  const Event& event = events_[static_cast<std::size_t>(index)];
  io_u* io = event.io;
  Slot& slot = slots_[io->index];
  io->error = 0;
  io->resid = 0;
  if (event.result < 0)
    io->error = static_cast<unsigned>(-event.result);
  else if (moves_data(io))
    io->resid = io->xfer_buflen - static_cast<unsigned>(event.result);
  if (event.reaped_ns) {
    // fio reads the clock when getevents() has returned: move the start by what lies between.
    const std::uint64_t shift = returned_ns_ - event.reaped_ns;
    io->start_time = to_timespec(to_ns(io->start_time) + shift);
    io->issue_time = to_timespec(to_ns(io->issue_time) + shift);
  }
  if (is_rw(io)) count(io, slot, event.result < 0 ? -event.result : 0);
  return io;
}

void Engine::count(io_u* io, Slot& slot, int error) {
  ClassCounters& counters = sidecar_.classes[hint::index(slot.cls)];
  if (!error) counters.bytes += io->xfer_buflen - io->resid;
  // fio sends the rest of a short transfer again, as the same I/O.
  if (!error && io->resid > 0 && io->resid < io->xfer_buflen) return;
  slot.paced = false;
  slot.started = false;
  if (error) {
    ++counters.errors;
    if (io->ddir == DDIR_TRIM && error == EOPNOTSUPP)
      log_err(
          "kairo: %s: cannot discard (the device or file system has no discard: see "
          "queue/discard_max_bytes)\n",
          io->file->file_name);
    if (moves_data(io) && error == EOPNOTSUPP && hints_[hint::index(slot.cls)].rw_flags)
      log_err(
          "kairo: %s: RWF_KV_* was accepted by the probe and refused now (use "
          "kv_path=ioprio)\n",
          io->file->file_name);
    return;
  }
  ++counters.ios;
  ++sidecar_.by_direction[direction(io)][hint::index(slot.cls)];
}

}  // namespace kairo::engine
