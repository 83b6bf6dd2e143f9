// SPDX-License-Identifier: GPL-2.0-only
// Evictions and syncs: through the ring where it can, else in the system call.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "engine.h"
#include "io_kind.h"
#include "notice.h"
#include "zones.h"

namespace kairo::engine {

Engine::Trim Engine::trim_of(fio_file* file) {
  Trim& trim = trims_[static_cast<std::size_t>(file->fileno)];
  if (trim != Trim::kUnknown) return trim;
  // A ring that polls for completions takes reads and writes only.
  const bool polled = options_->hipri != 0;
  EvictOp op = static_cast<EvictOp>(options_->evict_op);
  if (op == EvictOp::kAuto)
    op = file->filetype == FIO_TYPE_FILE ? EvictOp::kPunch : EvictOp::kDiscard;
  switch (op) {
    case EvictOp::kNone:
      trim = Trim::kNothing;
      sidecar_.trims = "none";
      break;
    case EvictOp::kPunch:
    case EvictOp::kZero:
      trim = polled ? Trim::kSyncAllocate : Trim::kAllocate;
      sidecar_.trims = op == EvictOp::kPunch ? "punch hole" : "zero range";
      break;
    case EvictOp::kAuto:
    case EvictOp::kDiscard:
      if (zone_bytes(file->fd) > 0) {
        // With zonemode=zbd fio has a write pointer of its own that must follow.
        trim = td_->o.zone_mode == ZONE_MODE_ZBD ? Trim::kSyncDiscard : Trim::kZoneReset;
        sidecar_.trims = "zone reset";
        break;
      }
      trim = !polled && probe_discard(file->fd) ? Trim::kDiscard : Trim::kSyncDiscard;
      sidecar_.trims = trim == Trim::kDiscard ? "discard" : "synchronous discard";
      break;
  }
  return trim;
}

// Neither operation takes a priority or flags: the kernel knows an eviction by the operation.
void Engine::fill_trim(io_u* io) {
  io_uring_sqe& sqe = ring_.sqe(io->index);
  sqe = {};
  sqe.user_data = reinterpret_cast<std::uint64_t>(io);
  if (trim_of(io->file) == Trim::kDiscard) {
    prep_discard(sqe, io->offset, io->xfer_buflen);
  } else {
    sqe.opcode = IORING_OP_FALLOCATE;
    sqe.off = io->offset;
    sqe.addr = io->xfer_buflen;  // the length: the operation has no buffer
    sqe.len = static_cast<std::uint32_t>(allocate_mode());
  }
}

void Engine::fill_sync(io_u* io) {
  const fio_file* file = io->file;
  io_uring_sqe& sqe = ring_.sqe(io->index);
  sqe = {};
  sqe.user_data = reinterpret_cast<std::uint64_t>(io);
  if (io->ddir == DDIR_SYNC_FILE_RANGE) {
    sqe.opcode = IORING_OP_SYNC_FILE_RANGE;
    sqe.off = file->first_write;
    sqe.len = static_cast<std::uint32_t>(file->last_write - file->first_write);
    sqe.sync_range_flags = td_->o.sync_file_range;
  } else {
    sqe.opcode = IORING_OP_FSYNC;
    sqe.fsync_flags = io->ddir == DDIR_DATASYNC ? IORING_FSYNC_DATASYNC : 0;
  }
}

// What fallocate(2) does for an eviction.
int Engine::allocate_mode() const {
  const bool zero = static_cast<EvictOp>(options_->evict_op) == EvictOp::kZero;
  return (zero ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE) | FALLOC_FL_KEEP_SIZE;
}

// A trim that the ring cannot do, after what is queued.
fio_q_status Engine::trim_now(io_u* io, Slot& slot) {
  if (ring_.queued() > 0 && submit() < 0) return FIO_Q_BUSY;
  if (paced_) note_start(io, slot);
  if (!slot.paced && fio_fill_issue_time(td_)) fio_gettime(&io->issue_time, nullptr);
  const Trim trim = trim_of(io->file);
  if (trim == Trim::kSyncDiscard)
    do_io_u_trim(td_, io);
  else if (trim == Trim::kZoneReset)
    reset_zones_of(io);
  else if (trim == Trim::kSyncAllocate &&
           fallocate(io->file->fd, allocate_mode(), static_cast<off_t>(io->offset),
                     static_cast<off_t>(io->xfer_buflen)) != 0)
    io->error = static_cast<unsigned>(errno);
  io_u_mark_submit(td_, 1);
  io_u_mark_complete(td_, 1);
  count(io, slot, static_cast<int>(io->error));
  return FIO_Q_COMPLETED;
}

// The sync that fio makes of itself before it verifies, which a ring that polls does not take. One
// that the job asks for is refused, see check_hipri().
fio_q_status Engine::sync_now(io_u* io) {
  if (ring_.queued() > 0 && submit() < 0) return FIO_Q_BUSY;
  if (fsync(io->file->fd) != 0) io->error = static_cast<unsigned>(errno);
  return FIO_Q_COMPLETED;
}

void Engine::reset_zones_of(io_u* io) {
  const auto done = reset_zones(io->file->fd, io->file->file_name, io->offset, io->xfer_buflen);
  if (done) return;
  notice(done.error().message);
  io->error = done.error().code == base::ErrorCode::kInput ? EINVAL : EIO;
}

}  // namespace kairo::engine
