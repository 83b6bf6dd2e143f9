// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attributes.h"
#include "carrier.h"
#include "chooser.h"
#include "closed_loop.h"
#include "files.h"
#include "flight.h"
#include "job.h"
#include "kairo/base/result.h"
#include "open_loop.h"
#include "replay.h"
#include "trims.h"

namespace kairo::engine {

// One fio job. Lives in td->io_ops_data and in the job's own process or thread only; fio calls it
// from one thread.
//
//   engine.cc        the I/O path of every job
//   engine_setup.cc  what happens between the options and the first I/O
//
// The rest are parts, which know nothing of each other but what they are given: what is in the ring
// (flight.h), the loop (closed_loop.h, open_loop.h, replay.h), files, trims, attributes.
class Engine {
 public:
  // fio's init hook: checks the options, reads the workload. The Error is for the user.
  static base::Result<std::unique_ptr<Engine>> create(thread_data* td);

  // fio's post_init hook: ring, buffers, files, carrier.
  base::Status post_init();

  void io_u_init(io_u* io) { flight_.slot(io).io = io; }
  int prep(io_u* io) { return replay_ ? prep_record(io) : 0; }
  fio_q_status queue(io_u* io);
  int commit();
  int getevents(unsigned min, unsigned max);
  io_u* event(unsigned index);
  int open_file(fio_file* file) { return files_.open(file); }
  int close_file(fio_file* file) { return files_.close(file); }
  // Writes the sidecar, lets go of the ring.
  void finish(bool forked_child);

 private:
  // Who takes the next I/O.
  enum class Queue : std::uint8_t {
    kPlain,  // its direction decides its class, and nothing else has to be looked at
    kSplit,  // the same, but the class is drawn
    kOther   // queue_other(): everything else
  };

  // The part of a read's or write's ring entry that only its class and direction decide. Begins as
  // the entry does.
  struct EntryHead {
    std::uint8_t opcode = 0;
    std::uint8_t flags = 0;
    std::uint16_t ioprio = 0;
    std::uint32_t rw_flags = 0;
    std::uint64_t attribute = 0;  // address, with kv_path=attr
  };

  explicit Engine(thread_data* td);

  // engine_setup.cc
  base::Status set_up_classes();
  base::Status open_sidecar();
  base::Status set_up_labels();
  base::Status set_up_carrier();
  base::Status set_up_entries();
  [[nodiscard]] std::optional<hint::Class> only_class() const;
  [[nodiscard]] std::optional<std::uint64_t> offered();
  void fill_sidecar();

  // engine.cc
  int prep_record(io_u* io);
  template <bool split>
  fio_q_status queue_data(io_u* io);
  fio_q_status queue_other(io_u* io, Slot& slot);
  fio_q_status trim_now(io_u* io, Slot& slot);
  fio_q_status sync_now(io_u* io);
  void fill(io_u* io, const Slot& slot);
  hint::Class class_of(const io_u* io);
  void set_label(io_u* io, const Slot& slot) const;
  void restore_entry(unsigned index);
  [[nodiscard]] bool completed_data(const io_u* io, int result);
  io_u* complete(io_u* io, int result);
  void count(io_u* io, Slot& slot, int error);
  io_u* event_other(unsigned index);
  void note_deadline(io_u* io);
  void explain_refusal(const io_u* io, const Slot& slot);

  Job job_;
  Flight flight_;
  ClosedLoop closed_loop_ = ClosedLoop(Flight::Source::kRing);
  std::unique_ptr<OpenLoop> open_loop_;  // kv_rate, kv_trace
  std::unique_ptr<Replay> replay_;       // kv_trace
  Files files_;
  std::optional<Trims> trims_;
  Attributes attributes_;
  std::optional<Chooser> chooser_;  // kv_split, kv_bssplit, kv_map
  ClassHints hints_ = {};
  std::array<std::array<EntryHead, hint::kClasses>, 2> heads_ = {};  // read, write
  std::vector<iovec> vectors_;    // empty: READ and WRITE without them
  std::uint16_t job_ioprio_ = 0;  // what fio's own prio options say
  cmdprio cmdprio_ = {};          // fio's own, for cmdprio_*
  SidecarFile sidecar_file_;
  Queue queue_ = Queue::kOther;
  bool labels_ = false;  // each I/O carries its class into fio's statistics
  bool first_checked_ = false;
  bool refusal_explained_ = false;  // the job said why the kernel does not take its I/O
  bool ready_ = false;              // post_init succeeded
  unsigned since_async_ = 0;        // for force_async
};

// The I/O path is in engine.cc, and fio's hooks with it.
fio_q_status on_queue(thread_data* td, io_u* io);
int on_commit(thread_data* td);
int on_getevents(thread_data* td, unsigned min, unsigned max, const timespec* timeout);
io_u* on_event(thread_data* td, int index);

}  // namespace kairo::engine
