// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>

#include "direction.h"
#include "fio_headers.h"

// Small questions about an io_u and a job, and times in nanoseconds.
namespace kairo::engine {

inline bool moves_data(const io_u* io) {
  return io->ddir == DDIR_READ || io->ddir == DDIR_WRITE;
}

inline bool is_rw(const io_u* io) {
  return moves_data(io) || io->ddir == DDIR_TRIM;
}

// Of an I/O that is_rw().
inline std::size_t direction(const io_u* io) {
  return static_cast<std::size_t>(io->ddir);
}

// The rest of a transfer that came back short.
inline bool is_rest(const io_u* io) {
  return io->xfer_buf != io->buf;
}

// A read that checks what the job wrote.
inline bool is_verification(const io_u* io) {
  return (io->flags & IO_U_F_VER_LIST) != 0;
}

// Whether the job does it: does(td, kTrim).
inline bool does(const thread_data* td, std::size_t direction) {
  constexpr unsigned kBits[] = {TD_DDIR_READ, TD_DDIR_WRITE, TD_DDIR_TRIM};
  return (static_cast<unsigned>(td->o.td_ddir) & kBits[direction]) != 0;
}

inline constexpr std::uint64_t kSecondNs = 1'000'000'000;

inline std::uint64_t to_ns(const timespec& t) {
  return static_cast<std::uint64_t>(t.tv_sec) * kSecondNs + static_cast<std::uint64_t>(t.tv_nsec);
}

inline timespec to_timespec(std::uint64_t ns) {
  return {static_cast<time_t>(ns / kSecondNs), static_cast<long>(ns % kSecondNs)};
}

// fio's clock, on which all of its latencies are.
inline std::uint64_t now_ns() {
  timespec now;
  fio_gettime(&now, nullptr);
  return to_ns(now);
}

inline void nap(std::uint64_t ns) {
  const timespec time = to_timespec(ns);
  // A signal only shortens it, and the caller looks at the clock again.
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

// From the ring: nothing is wrong, only not now.
inline bool try_again(int error) {
  return error == EAGAIN || error == EINTR || error == EBUSY;
}

}  // namespace kairo::engine
