// SPDX-License-Identifier: GPL-2.0-only
// What the kernel refused when the job was running, in words: what it is that it does not have, and
// what to do. fio itself prints the errno and no more.
#include <fmt/format.h>

#include <cstring>

#include "engine.h"
#include "io_kind.h"
#include "notice.h"

namespace kairo::engine {

// Once: the rest of the queue comes back the same.
void Engine::explain_refusal(const io_u* io, const Slot& slot) {
  if (refusal_explained_) return;
  const std::string text = refusal_of(io, slot);
  if (text.empty()) return;
  refusal_explained_ = true;
  notice(text);
}

// Of an I/O that is not supported. Empty when it is fio's own affair.
std::string Engine::refusal_of(const io_u* io, const Slot& slot) const {
  const fio_file* file = io->file;
  const char* const name = file->file_name;
  if (io->ddir != DDIR_TRIM) {
    if (options_->hipri) return fmt::format(kNothingPolls, name);
    if (attribute_mask_ || hints_[hint::index(slot.cls)].rw_flags)
      return fmt::format(
          "{}: kv_path={} was accepted by the probe and is refused now (use kv_path=ioprio)", name,
          carrier_info(sidecar_.carrier.used).name);
    return {};
  }
  const Trim trim = trims_[static_cast<std::size_t>(file->fileno)];
  if (trim == Trim::kDiscard || trim == Trim::kSyncDiscard)
    return fmt::format(
        "{}: cannot discard: the device has no discard, its queue/discard_max_bytes is 0 (use "
        "another device, or kv_evict_op=zero or none)",
        name);
  const char* const of = file->filetype == FIO_TYPE_FILE ? "file system" : "device";
  if (static_cast<EvictOp>(options_->evict_op) == EvictOp::kZero)
    return fmt::format(
        "{}: kv_evict_op=zero: the {} has no ZERO_RANGE of fallocate(2) (use kv_evict_op=punch, or "
        "a file on ext4 or XFS)",
        name, of);
  return fmt::format(
      "{}: kv_evict_op=punch: the {} has no PUNCH_HOLE of fallocate(2) (use a file on ext4, XFS, "
      "Btrfs or tmpfs, or kv_evict_op=none)",
      name, of);
}

// fio counts a sync that failed as one that took no time.
void Engine::fail_sync(const io_u* io, int error) {
  notice(
      fmt::format("{}: cannot sync: {} (leave fsync, fdatasync and sync_file_range out, or use "
                  "another file)",
                  io->file->file_name, std::strerror(error)));
  set_error(td_, error, "sync");
}

}  // namespace kairo::engine
