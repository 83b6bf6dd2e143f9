// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <liburing.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kairo/base/result.h"

// Setting up the io_uring of a job and asking the kernel what it can do.
namespace kairo::engine {

struct RingOptions {
  unsigned depth = 1;
  bool iopoll = false;
  bool sqpoll = false;
  int sqpoll_cpu = -1;  // -1: any
};

// Owns the ring. Not movable: the kernel and liburing keep no pointer to it, but nobody needs to.
class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() { close(); }

  // Sets the ring up with the best flags the kernel takes, dropping the newer ones in the steps of
  // fio's own engine. Must run in the thread that submits (SINGLE_ISSUER).
  base::Status open(const RingOptions& options);

  // Unmaps and closes. `forked_child`: a copy of the parent's ring is not this process's to close.
  void close();
  void abandon() { open_ = false; }

  io_uring* get() { return &ring_; }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] unsigned features() const { return ring_.features; }
  // The IORING_SETUP_* names in force.
  [[nodiscard]] std::vector<std::string> flag_names() const;
  // READ and WRITE opcodes, which need no iovec (5.6).
  [[nodiscard]] bool has_nonvectored() const { return nonvectored_; }

 private:
  io_uring ring_ = {};
  bool open_ = false;
  bool nonvectored_ = false;
};

// Discard of a byte range through io_uring (Linux 6.12, block devices that have discard).
void prep_discard(io_uring_sqe* sqe, int fd, std::uint64_t offset, std::uint64_t length);

// Whether `fd`, a block device open for writing, takes prep_discard. Discards nothing.
bool probe_discard(int fd);

}  // namespace kairo::engine
