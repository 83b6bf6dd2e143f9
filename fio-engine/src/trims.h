// SPDX-License-Identifier: GPL-2.0-only
// Evictions and syncs: what they are in the ring, or in the system call that does what it cannot.
#pragma once

#include <cstdint>
#include <vector>

#include "job.h"
#include "ring.h"

namespace kairo::engine {

// How a file's trims go out.
enum class Trim : std::uint8_t {
  kUnknown,
  kNothing,
  kDiscard,
  kAllocate,
  kSyncDiscard,
  kSyncAllocate,
  kZoneReset
};

class Trims {
 public:
  // `job` must outlive it.
  explicit Trims(Job& job) : job_(job), by_file_(job.td->o.nr_files, Trim::kUnknown) {}

  // Decided, and noted in the sidecar, when the file is first trimmed.
  Trim of(fio_file* file);
  // kUnknown: it was not trimmed.
  [[nodiscard]] Trim known(const fio_file* file) const {
    return by_file_[static_cast<std::size_t>(file->fileno)];
  }
  static bool in_ring(Trim trim) { return trim == Trim::kDiscard || trim == Trim::kAllocate; }

  // The entry of one that the ring does.
  void fill(io_uring_sqe& sqe, const io_u* io);
  // Does one that the ring does not, and waits for it. An error is the I/O's.
  void run(io_u* io);

 private:
  [[nodiscard]] int allocate_mode() const;

  Job& job_;
  std::vector<Trim> by_file_;
};

// The entry of a sync of any kind.
void fill_sync(io_uring_sqe& sqe, const io_u* io, const thread_data* td);

}  // namespace kairo::engine
