// SPDX-License-Identifier: GPL-2.0-only
#include "refusals.h"

#include <fmt/format.h>

#include <cstring>

#include "notice.h"
#include "polling.h"

namespace kairo::engine {

std::string refusal_of(const Job& job, const io_u* io, bool hinted, Trim trim) {
  const fio_file* file = io->file;
  const char* const name = file->file_name;
  if (io->ddir != DDIR_TRIM) {
    if (job.options->hipri) return fmt::format(kNothingPolls, name);
    if (hinted)
      return fmt::format(
          "{}: kv_path={} was accepted by the probe and is refused now (use kv_path=ioprio)", name,
          carrier_info(job.sidecar.carrier.used).name);
    return {};
  }
  if (trim == Trim::kDiscard || trim == Trim::kSyncDiscard)
    return fmt::format(
        "{}: cannot discard: the device has no discard, its queue/discard_max_bytes is 0 (use "
        "another device, or kv_evict_op=zero or none)",
        name);
  const char* const of = file->filetype == FIO_TYPE_FILE ? "file system" : "device";
  if (static_cast<EvictOp>(job.options->evict_op) == EvictOp::kZero)
    return fmt::format(
        "{}: kv_evict_op=zero: the {} has no ZERO_RANGE of fallocate(2) (use kv_evict_op=punch, or "
        "a file on ext4 or XFS)",
        name, of);
  return fmt::format(
      "{}: kv_evict_op=punch: the {} has no PUNCH_HOLE of fallocate(2) (use a file on ext4, XFS, "
      "Btrfs or tmpfs, or kv_evict_op=none)",
      name, of);
}

void fail_sync(const Job& job, const io_u* io, int error) {
  notice(
      fmt::format("{}: cannot sync: {} (leave fsync, fdatasync and sync_file_range out, or use "
                  "another file)",
                  io->file->file_name, std::strerror(error)));
  set_error(job.td, error, "sync");
}

}  // namespace kairo::engine
