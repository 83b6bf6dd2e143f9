// SPDX-License-Identifier: GPL-2.0-only
#include "trims.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "io_kind.h"
#include "notice.h"
#include "zones.h"

namespace kairo::engine {
namespace {

void reset_zones_of(io_u* io) {
  const auto done = reset_zones(io->file->fd, io->file->file_name, io->offset, io->xfer_buflen);
  if (done) return;
  notice(done.error().message);
  io->error = done.error().code == base::ErrorCode::kInput ? EINVAL : EIO;
}

}  // namespace

Trim Trims::of(fio_file* file) {
  Trim& trim = by_file_[static_cast<std::size_t>(file->fileno)];
  if (trim != Trim::kUnknown) return trim;
  // A ring that polls for completions takes reads and writes only.
  const bool polled = job_.options->hipri != 0;
  EvictOp op = static_cast<EvictOp>(job_.options->evict_op);
  if (op == EvictOp::kAuto)
    op = file->filetype == FIO_TYPE_FILE ? EvictOp::kPunch : EvictOp::kDiscard;
  switch (op) {
    case EvictOp::kNone:
      trim = Trim::kNothing;
      job_.sidecar.trims = "none";
      break;
    case EvictOp::kPunch:
    case EvictOp::kZero:
      trim = polled ? Trim::kSyncAllocate : Trim::kAllocate;
      job_.sidecar.trims = op == EvictOp::kPunch ? "punch hole" : "zero range";
      break;
    case EvictOp::kAuto:
    case EvictOp::kDiscard:
      if (zone_bytes(file->fd) > 0) {
        // With zonemode=zbd fio has a write pointer of its own that must follow.
        trim = job_.td->o.zone_mode == ZONE_MODE_ZBD ? Trim::kSyncDiscard : Trim::kZoneReset;
        job_.sidecar.trims = "zone reset";
        break;
      }
      trim = !polled && probe_discard(file->fd) ? Trim::kDiscard : Trim::kSyncDiscard;
      job_.sidecar.trims = trim == Trim::kDiscard ? "discard" : "synchronous discard";
      break;
  }
  return trim;
}

// Neither operation takes a priority or flags: the kernel knows an eviction by the operation.
void Trims::fill(io_uring_sqe& sqe, const io_u* io) {
  sqe = {};
  sqe.user_data = reinterpret_cast<std::uint64_t>(io);
  if (of(io->file) == Trim::kDiscard) {
    prep_discard(sqe, io->offset, io->xfer_buflen);
  } else {
    sqe.opcode = IORING_OP_FALLOCATE;
    sqe.off = io->offset;
    sqe.addr = io->xfer_buflen;  // the length: the operation has no buffer
    sqe.len = static_cast<std::uint32_t>(allocate_mode());
  }
}

void fill_sync(io_uring_sqe& sqe, const io_u* io, const thread_data* td) {
  const fio_file* file = io->file;
  sqe = {};
  sqe.user_data = reinterpret_cast<std::uint64_t>(io);
  if (io->ddir == DDIR_SYNC_FILE_RANGE) {
    sqe.opcode = IORING_OP_SYNC_FILE_RANGE;
    sqe.off = file->first_write;
    sqe.len = static_cast<std::uint32_t>(file->last_write - file->first_write);
    sqe.sync_range_flags = td->o.sync_file_range;
  } else {
    sqe.opcode = IORING_OP_FSYNC;
    sqe.fsync_flags = io->ddir == DDIR_DATASYNC ? IORING_FSYNC_DATASYNC : 0;
  }
}

// What fallocate(2) does for an eviction.
int Trims::allocate_mode() const {
  const bool zero = static_cast<EvictOp>(job_.options->evict_op) == EvictOp::kZero;
  return (zero ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE) | FALLOC_FL_KEEP_SIZE;
}

void Trims::run(io_u* io) {
  const Trim trim = of(io->file);
  if (trim == Trim::kSyncDiscard)
    do_io_u_trim(job_.td, io);
  else if (trim == Trim::kZoneReset)
    reset_zones_of(io);
  else if (trim == Trim::kSyncAllocate &&
           fallocate(io->file->fd, allocate_mode(), static_cast<off_t>(io->offset),
                     static_cast<off_t>(io->xfer_buflen)) != 0)
    io->error = static_cast<unsigned>(errno);
}

}  // namespace kairo::engine
