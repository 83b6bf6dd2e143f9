// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kairo/base/result.h"

// The io_uring of a job. Straight on the kernel's shared memory, as fio's own engine: a request has
// a fixed entry (its number), so what does not change from one I/O to the next is written once, and
// a library call per I/O is saved.
namespace kairo::engine {

// The one system call of the hot path. libc's syscall() would add the move of seven arguments and
// errno; the kernel returns the error in the value.
inline long enter_kernel(int fd, unsigned submit, unsigned wait, unsigned flags,
                         const void* argument, std::size_t size) {
#if defined(__x86_64__)
  long result = __NR_io_uring_enter;
  register unsigned long r10 asm("r10") = flags;
  register const void* r8 asm("r8") = argument;
  register std::size_t r9 asm("r9") = size;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(fd), "S"(submit), "d"(wait), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
#else
  const long result = syscall(__NR_io_uring_enter, fd, submit, wait, flags, argument, size);
  return result < 0 ? -errno : result;
#endif
}

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
  // For io_uring_register(2).
  [[nodiscard]] int fd() const { return fd_; }
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
    const unsigned tail = sq_tail_;
    sq_array_[tail & sq_mask_] = index;
    sq_tail_ = tail + 1;
    __atomic_store_n(sq_ktail_, tail + 1, __ATOMIC_RELEASE);
  }
  // How many were pushed and not taken.
  [[nodiscard]] unsigned queued() const { return sq_tail_ - sq_taken_; }
  // The kernel, or its polling thread, has the oldest `count` of them: the position of the first.
  unsigned take(unsigned count) {
    const unsigned first = sq_taken_;
    sq_taken_ += count;
    return first;
  }
  // Which request was queued at a position.
  [[nodiscard]] unsigned request_at(unsigned position) const {
    return sq_array_[position & sq_mask_];
  }
  // SQPOLL: a thread of the kernel's takes what is queued.
  [[nodiscard]] bool polled_by_kernel() const { return (flags_ & IORING_SETUP_SQPOLL) != 0; }
  // That thread has gone to sleep.
  [[nodiscard]] bool needs_wakeup() const {
    return (__atomic_load_n(sq_kflags_, __ATOMIC_ACQUIRE) & IORING_SQ_NEED_WAKEUP) != 0;
  }

  // io_uring_enter(2): what it returns, or a negative errno.
  int enter(unsigned submit, unsigned wait, unsigned flags) {
    ++enter_calls_;
    return static_cast<int>(
        enter_kernel(enter_fd_, submit, wait, flags | enter_flags_, nullptr, 0));
  }
  // The same, waiting at most `timeout_ns`: -ETIME, unless something was submitted.
  int enter_timeout(unsigned submit, unsigned wait, std::uint64_t timeout_ns);
  // For a probe on a ring of its own: queues entry `index`, waits for it and gives its result, or a
  // negative errno of io_uring_enter(2).
  int run(unsigned index);
  // How often these were called.
  [[nodiscard]] std::uint64_t enter_calls() const { return enter_calls_; }

  // --- Completion ---

  [[nodiscard]] unsigned cq_head() const { return cq_head_; }
  [[nodiscard]] unsigned cq_ready() const {
    return __atomic_load_n(cq_ktail_, __ATOMIC_ACQUIRE) - cq_head_;
  }
  [[nodiscard]] const io_uring_cqe& cqe(unsigned position) const {
    return cqes_[position & cq_mask_];
  }
  // Gives `count` entries back. They may be read until the next enter(): what is in flight cannot
  // fill more than the rest.
  void cq_advance(unsigned count) {
    __atomic_store_n(cq_khead_, cq_head_ += count, __ATOMIC_RELEASE);
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
  unsigned* sq_ktail_ = nullptr;
  unsigned* sq_kflags_ = nullptr;
  unsigned sq_mask_ = 0;
  unsigned sq_tail_ = 0;
  unsigned sq_taken_ = 0;
  unsigned* cq_khead_ = nullptr;
  unsigned* cq_ktail_ = nullptr;
  io_uring_cqe* cqes_ = nullptr;
  unsigned cq_mask_ = 0;
  unsigned cq_head_ = 0;
};

// Discard of a byte range through io_uring (Linux 6.12, block devices that have discard). `sqe` is
// zeroed but for what every request has.
void prep_discard(io_uring_sqe& sqe, std::uint64_t offset, std::uint64_t length);

// Whether `fd`, a block device open for writing, takes prep_discard. Discards nothing.
bool probe_discard(int fd);

}  // namespace kairo::engine
