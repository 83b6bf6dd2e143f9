// SPDX-License-Identifier: GPL-2.0-only
// Replay: a record of the workload takes the place of what fio made up.
#include "abi.h"
#include "engine.h"
#include "io_kind.h"

namespace kairo::engine {

using hint::Class;

// Called by fio for each I/O it has made up, again when it comes back from "busy"; before fio
// accounts it.
int Engine::prep_record(io_u* io) {
  if (!is_rw(io)) return 0;
  Slot& slot = slots_[io->index];
  if (slot.paced) return 0;
  if (!first_checked_ && !io_u_plausible(td_, io)) return EINVAL;
  first_checked_ = true;
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

}  // namespace kairo::engine
