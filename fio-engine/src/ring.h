// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <linux/io_uring.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kairo/base/result.h"

// The io_uring of a job. Straight on the kernel's shared memory, as fio's own engine: a request has
// a fixed entry (its number), so what does not change from one I/O to the next is written once, and
// a library call per I/O is saved.
namespace kairo::engine {

struct RingOptions {
  unsigned depth = 1;
  bool iopoll = false;
  bool sqpoll = false;
  int sqpoll_cpu = -1;  // -1: any
};

// Owns the ring. One thread uses it, the one that opened it (SINGLE_ISSUER).
class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() { close(); }

  // Sets the ring up with the best flags the kernel takes, dropping the newer ones in the steps of
  // fio's own engine.
  base::Status open(const RingOptions& options);
  void close();
  // For a forked child: a copy of the parent's ring is not this process's to take down.
  void abandon();

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] unsigned features() const { return features_; }
  // The IORING_SETUP_* names in force.
  [[nodiscard]] std::vector<std::string> flag_names() const;
  // Whether the kernel has an operation, as IORING_REGISTER_PROBE tells.
  [[nodiscard]] bool supports(unsigned opcode) const;
  // io_uring_register(2); 0 or a negative errno.
  int register_with(unsigned opcode, const void* argument, unsigned count) const;

  // --- Submission. Request `index` < depth has entry `index`, zeroed when the ring was opened. ---

  io_uring_sqe& sqe(unsigned index) { return sqes_[index]; }
  // Queues entry `index`. There is always room: the queue has a place for every request, and a
  // request is in it once.
  void push(unsigned index) {
    sq_array_[sq_tail_ & sq_mask_] = index;
    __atomic_store_n(sq_ktail_, ++sq_tail_, __ATOMIC_RELEASE);
  }
  // Positions in the queue: where the kernel takes the next entry from, where the next push() goes,
  // and which request was queued at one.
  [[nodiscard]] unsigned sq_head() const { return __atomic_load_n(sq_khead_, __ATOMIC_ACQUIRE); }
  [[nodiscard]] unsigned sq_tail() const { return sq_tail_; }
  [[nodiscard]] unsigned request_at(unsigned position) const {
    return sq_array_[position & sq_mask_];
  }
  // With SQPOLL: the kernel's thread has gone to sleep.
  [[nodiscard]] bool needs_wakeup() const {
    return (__atomic_load_n(sq_kflags_, __ATOMIC_ACQUIRE) & IORING_SQ_NEED_WAKEUP) != 0;
  }

  // io_uring_enter(2): what it returns, or a negative errno.
  int enter(unsigned submit, unsigned wait, unsigned flags);
  // The same, waiting at most `timeout_ns`: -ETIME, unless something was submitted.
  int enter_timeout(unsigned submit, unsigned wait, std::uint64_t timeout_ns);
  // For a probe on a ring of its own: queues entry `index`, waits for it and gives its result, or a
  // negative errno of io_uring_enter(2).
  int run(unsigned index);
  // How often these were called.
  [[nodiscard]] std::uint64_t enter_calls() const { return enter_calls_; }

  // --- Completion ---

  [[nodiscard]] unsigned cq_head() const { return *cq_khead_; }
  [[nodiscard]] unsigned cq_ready() const {
    return __atomic_load_n(cq_ktail_, __ATOMIC_ACQUIRE) - *cq_khead_;
  }
  [[nodiscard]] const io_uring_cqe& cqe(unsigned position) const {
    return cqes_[position & cq_mask_];
  }
  // Gives `count` entries back. They may be read until the next enter(): what is in flight cannot
  // fill more than the rest.
  void cq_advance(unsigned count) {
    __atomic_store_n(cq_khead_, *cq_khead_ + count, __ATOMIC_RELEASE);
  }

 private:
  struct Mapping {
    void* address = nullptr;
    std::size_t length = 0;
  };

  base::Status map(const io_uring_params& params, const RingOptions& options);
  void unmap();

  int fd_ = -1;
  int enter_fd_ = -1;         // the ring's number for io_uring_enter
  unsigned enter_flags_ = 0;  // IORING_ENTER_REGISTERED_RING when that number is a registered one
  std::uint64_t enter_calls_ = 0;
  unsigned flags_ = 0;
  unsigned features_ = 0;
  Mapping maps_[3];

  io_uring_sqe* sqes_ = nullptr;
  unsigned* sq_array_ = nullptr;
  unsigned* sq_khead_ = nullptr;
  unsigned* sq_ktail_ = nullptr;
  unsigned* sq_kflags_ = nullptr;
  unsigned sq_mask_ = 0;
  unsigned sq_tail_ = 0;
  unsigned* cq_khead_ = nullptr;
  unsigned* cq_ktail_ = nullptr;
  io_uring_cqe* cqes_ = nullptr;
  unsigned cq_mask_ = 0;
};

// Discard of a byte range through io_uring (Linux 6.12, block devices that have discard). `sqe` is
// zeroed but for what every request has.
void prep_discard(io_uring_sqe& sqe, std::uint64_t offset, std::uint64_t length);

// Whether `fd`, a block device open for writing, takes prep_discard. Discards nothing.
bool probe_discard(int fd);

}  // namespace kairo::engine
