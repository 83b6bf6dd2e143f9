// SPDX-License-Identifier: GPL-2.0-only
// Replay: a record of the workload takes the place of what fio made up.
#include "abi.h"
#include "engine.h"
#include "io_kind.h"

namespace kairo::engine {

using hint::Class;

// With nothing to start yet: how often a replay looks for what has been released, if no completion
// wakes it before.
constexpr std::uint64_t kLookNs = 1'000'000;

// Called by fio for each I/O it has made up, again when it comes back from "busy"; before fio
// accounts it. An I/O whose time has not come may be given another record meanwhile: one that a
// completion has released and that is due before.
int Engine::prep_record(io_u* io) {
  if (!is_rw(io)) return 0;
  Slot& slot = slots_[io->index];
  if (slot.started) return 0;
  if (!first_checked_ && !io_u_plausible(td_, io)) return EINVAL;
  first_checked_ = true;
  if (start_ns_ == 0) start_ns_ = now_ns();
  if (slot.paced && slot.record != kNoRecord)
    schedule_->put_back({slot.record, slot.due_ns - start_ns_});
  if (const auto item = schedule_->next()) {
    take(io, slot, *item);
    return 0;
  }
  if (schedule_->done()) {
    slot.paced = false;
    // fio drains what is in flight and ends the job.
    fio_mark_td_terminate(td_);
    return ENODATA;
  }
  slot.paced = true;
  slot.record = kNoRecord;
  slot.due_ns = now_ns() + kLookNs;
  held_due_ns_ = slot.due_ns;
  return 0;
}

void Engine::take(io_u* io, Slot& slot, const Schedule::Item& item) {
  const Record& record = records_[item.record];
  slot.record = item.record;
  slot.cls = sidecar_.carrier.used == Path::kNone ? Class::kNormal : record.cls;
  slot.due_ns = start_ns_ + item.due_ns;
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
}

// A record has completed, or failed: what waits for it may go on.
void Engine::record_done(const Slot& slot) {
  const std::uint64_t now = now_ns() - start_ns_;
  schedule_->completed(slot.record, now);
  session_times_->completed(records_[slot.record], now);
}

}  // namespace kairo::engine
