// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "io_kind.h"
#include "ring.h"
#include "slot.h"

namespace kairo::engine {

// The I/O of a job between fio's queue() and its event(): what waits to be submitted, what is in
// the ring, and what came out of it before fio asked. When to submit and when to wait is up to the
// loop (closed_loop.h, open_loop.h). What every I/O of a closed loop runs through is inline.
class Flight {
 public:
  // A completion that was taken out of the ring before fio asked for it.
  struct Event {
    io_u* io = nullptr;
    int result = 0;
    std::uint64_t reaped_ns = 0;  // 0: fio's own time of completion is right
  };

  // Where what the last getevents() counted is.
  enum class Source : std::uint8_t {
    kRing,      // count it
    kRingMore,  // also compare it with a deadline
    kStash
  };

  explicit Flight(thread_data* td) : td_(td) {}

  // A slot for each I/O that fio has at the same time; later the ring.
  void set_depth(unsigned depth);
  base::Status open(const RingOptions& options);

  [[nodiscard]] thread_data* td() const { return td_; }
  Ring& ring() { return ring_; }
  Slot& slot(const io_u* io) { return slots_[io->index]; }
  Slot& slot(unsigned index) { return slots_[index]; }
  [[nodiscard]] unsigned depth() const { return static_cast<unsigned>(slots_.size()); }

  // --- There ---

  // Neither in the ring nor on the way to it.
  [[nodiscard]] bool idle() const { return in_flight_ == 0 && ring_.queued() == 0; }
  // Gives the kernel all that is queued. 0 or a negative errno.
  int submit() {
    if (ring_.queued() == 0) return 0;
    const int result = hand_over();
    if (result == static_cast<int>(ring_.queued())) [[likely]]
      return submitted(ring_.queued());
    return submit_rest(result);
  }
  // Waits for `count` completions with the same system call. What io_uring_enter(2) says.
  int submit_and_wait(unsigned count);
  // The same, for one completion and at most `timeout_ns`: then -ETIME.
  int submit_and_wait_for(std::uint64_t timeout_ns);

  // The job has failed with what io_uring_enter(2) said, which is returned.
  int failed(int result) {
    set_error(td_, -result, "io_uring_enter");
    return result;
  }

  // --- Back ---

  // From now on events are the next ones in the ring.
  void read_ring(Source source) {
    source_ = source;
    position_ = ring_.cq_head();
  }
  [[nodiscard]] Source source() const { return source_; }
  // Of a source that is the ring.
  [[nodiscard]] const io_uring_cqe& in_ring(unsigned index) const {
    return ring_.cqe(position_ + index);
  }
  [[nodiscard]] const Event& in_stash(unsigned index) const { return stash_[index]; }
  // So many are back. The kernel may use their places.
  void took(unsigned count) { in_flight_ -= count; }

  // Moves every completion out of the ring. With the time, when fio will hear of it later.
  void stash_completions(bool with_time = false);
  [[nodiscard]] std::size_t stashed() const { return stash_.size(); }
  // From now on events are those in the stash, but for those that fio was given.
  void read_stash();
  // So many of them fio is given: `most` at most.
  int deliver_stash(unsigned most);

 private:
  // What io_uring_enter(2) says to all that is queued.
  int hand_over() {
    if (!ring_.polled_by_kernel()) [[likely]]
      return ring_.enter(ring_.queued(), 0, IORING_ENTER_GETEVENTS);
    if (ring_.needs_wakeup()) ring_.enter(ring_.queued(), 0, IORING_ENTER_SQ_WAKEUP);
    return static_cast<int>(ring_.queued());
  }

  // The kernel, or its polling thread, has the oldest `count` of what is queued. 0.
  int submitted(unsigned count) {
    const unsigned start = ring_.take(count);
    in_flight_ += count;
    if (issue_times_) [[likely]] {
      timespec now;
      fio_gettime(&now, nullptr);
      for (unsigned i = 0; i < count; ++i) {
        const Slot& slot = slots_[ring_.request_at(start + i)];
        if (!slot.paced) slot.io->issue_time = now;
        io_u_queued(td_, slot.io);
      }
      if (td_->o.read_iolog_file) td_->last_issue = now;
    }
    io_u_mark_submit(td_, count);
    return 0;
  }

  int submit_rest(int result);

  thread_data* td_;
  Ring ring_;
  std::vector<Slot> slots_;
  unsigned in_flight_ = 0;
  unsigned position_ = 0;  // of the first completion that the last getevents() counted
  Source source_ = Source::kRing;
  bool issue_times_ = true;   // fio wants to know when an I/O was submitted
  std::vector<Event> stash_;  // the first delivered_ were given to fio
  std::size_t delivered_ = 0;
};

}  // namespace kairo::engine
