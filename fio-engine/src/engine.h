// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "carrier.h"
#include "kairo/base/result.h"
#include "kairo/engine/workload.h"
#include "options.h"
#include "pacer.h"
#include "ring.h"
#include "sidecar.h"

namespace kairo::engine {

// One fio job: its ring, its open loop, its counters. Lives in td->io_ops_data and in the job's own
// process or thread only; fio calls it from one thread.
//
// Open loop: fio hands over an I/O whenever it has one free. The engine draws the time at which it
// should start, answers "busy" while that lies ahead, and sleeps in getevents() until then or until
// something completes. So at most one I/O is held back, fio checks its run time between any two,
// and nothing spins. An I/O that finds the queue full starts late and keeps its intended time.
class Engine {
 public:
  // fio's init hook: checks the options, reads the workload. The Error is for the user.
  static base::Result<std::unique_ptr<Engine>> create(thread_data* td);

  // fio's post_init hook: ring, buffers, files, carrier.
  base::Status post_init();

  void io_u_init(io_u* io) { slots_[io->index].io = io; }
  int prep(io_u* io);
  fio_q_status queue(io_u* io);
  int commit();
  int getevents(unsigned min, unsigned max);
  io_u* event(int index);
  int open_file(fio_file* file);
  int close_file(fio_file* file);
  // Writes the sidecar, lets go of the ring.
  void finish(bool forked_child);

 private:
  enum class Trim : std::uint8_t { kUnknown, kDiscard, kPunchHole, kSync };

  // What the engine keeps for each io_u, found by io_u::index.
  struct Slot {
    io_u* io = nullptr;
    iovec vec = {};
    std::uint64_t due_ns = 0;  // intended start on fio's clock
    bool paced = false;        // due_ns is drawn and stands until the I/O is done
    bool started = false;      // accepted into the ring
    hint::Class cls = hint::Class::kNormal;
  };

  struct Event {
    io_u* io = nullptr;
    int result = 0;
    std::uint64_t reaped_ns = 0;  // 0: fio's own time of completion is right
  };

  explicit Engine(thread_data* td);

  base::Status check_options() const;
  // A job that writes or trims must not destroy what others use (device_guard.h).
  base::Status check_devices() const;
  base::Status check_trace_job() const;
  base::Status open_sidecar();
  base::Status load_trace();
  base::Status allocate_slots_in_fio();
  base::Status register_files();
  base::Status check_device_size() const;
  [[nodiscard]] bool paced() const { return poisson_.has_value() || trace_job_; }

  bool may_start(io_u* io, Slot& slot);
  void assign_due(Slot& slot);
  void note_start(io_u* io, Slot& slot);
  void fill_sqe(io_uring_sqe* sqe, io_u* io, Slot& slot);
  void fill_trim(io_uring_sqe* sqe, io_u* io);
  fio_q_status trim_now(io_u* io, Slot& slot);
  int submit();
  void submitted(unsigned count);
  void reap();
  int wait(unsigned count);
  int wait_for_arrival();
  void count(io_u* io, Slot& slot, int error);
  Trim trim_of(fio_file* file);
  int open_for_io(fio_file* file);
  [[nodiscard]] std::uint64_t now_ns() const;
  [[nodiscard]] std::optional<std::uint64_t> offered();

  thread_data* td_;
  Options* options_;
  Ring ring_;
  ClassHints hints_ = {};
  std::array<hint::Class, 3> class_of_direction_ = {};
  Sidecar sidecar_;
  SidecarFile sidecar_file_;

  std::vector<Slot> slots_;
  std::vector<io_u*> pending_;  // in the submission queue, not yet given to the kernel
  std::vector<Event> events_;   // reaped; the first delivered_ were given to fio
  std::size_t delivered_ = 0;
  std::uint64_t returned_ns_ = 0;  // when getevents() returned, for Event::reaped_ns
  unsigned in_flight_ = 0;
  unsigned since_async_ = 0;  // for force_async
  std::vector<int> fds_;      // registerfiles: the descriptors, by file number
  std::vector<Trim> trims_;   // by file number
  bool ready_ = false;        // post_init succeeded
  bool first_checked_ = false;
  bool nonvectored_ = false;

  std::optional<PoissonArrivals> poisson_;
  bool trace_job_ = false;
  std::vector<Record> records_;
  std::size_t next_record_ = 0;
  std::uint64_t trace_device_bytes_ = 0;
  std::uint64_t start_ns_ = 0;                // when the open loop began on fio's clock
  std::uint64_t last_ns_ = 0;                 // latest time at which an arrival was looked at
  std::optional<std::uint64_t> held_due_ns_;  // of an arrival drawn and not yet started
  bool waiting_for_arrival_ = false;          // the next getevents() may return early
};

}  // namespace kairo::engine
