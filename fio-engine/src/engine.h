// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "carrier.h"
#include "chooser.h"
#include "contexts.h"
#include "kairo/base/result.h"
#include "kairo/engine/workload.h"
#include "options.h"
#include "pacer.h"
#include "ring.h"
#include "schedule.h"
#include "sidecar.h"

namespace kairo::engine {

// One fio job: its ring, its open loop, its counters. Lives in td->io_ops_data and in the job's own
// process or thread only; fio calls it from one thread.
//
//   engine.cc        the I/O path of every job
//   engine_trims.cc  evictions and syncs
//   open_loop.cc     arrivals: when an I/O may start, sleeping until then
//   replay.cc        records of a workload in place of what fio made up
//   attributes.cc    what an I/O's attribute says, with kv_path=attr
//   engine_setup.cc  what happens between the options and the first I/O
//   engine_files.cc  opening the files, and their classes
//   job_checks.cc    the refusals before the first I/O
//   refusals.cc      what the kernel refuses later, in words
//
// Open loop: fio hands over an I/O whenever it has one free. The engine draws the time at which it
// should start, answers "busy" while that lies ahead, and sleeps in getevents() until then or until
// something completes. So at most one I/O is held back, fio checks its run time between any two,
// and nothing spins. An I/O that finds the queue full starts late and keeps its intended time.
class Engine {
 public:
  // For hipri, with the name of the file.
  static constexpr const char* kNothingPolls =
      "hipri: nothing polls for completions of {} (use a drive with poll queues, an NVMe drive has "
      "them with nvme.poll_queues=N on the kernel's command line, or leave hipri out)";

  // Slot::record of an I/O that waits for a record to be released.
  static constexpr std::uint32_t kNoRecord = UINT32_MAX;

  // fio's init hook: checks the options, reads the workload. The Error is for the user.
  static base::Result<std::unique_ptr<Engine>> create(thread_data* td);

  // fio's post_init hook: ring, buffers, files, carrier.
  base::Status post_init();

  void io_u_init(io_u* io) { slots_[io->index].io = io; }
  int prep(io_u* io) { return trace_job_ ? prep_record(io) : 0; }
  fio_q_status queue(io_u* io);
  int commit();
  int getevents(unsigned min, unsigned max);
  io_u* event(unsigned index);
  int open_file(fio_file* file);
  int close_file(fio_file* file);
  // Writes the sidecar, lets go of the ring.
  void finish(bool forked_child);

 private:
  // How a file's trims go out. The synchronous ones wait in the system call.
  enum class Trim : std::uint8_t {
    kUnknown,
    kNothing,
    kDiscard,
    kAllocate,
    kSyncDiscard,
    kSyncAllocate,
    kZoneReset
  };

  // What the engine keeps for each io_u, found by io_u::index; of a size that makes it a shift.
  struct alignas(32) Slot {
    io_u* io = nullptr;
    std::uint64_t due_ns = 0;  // intended start on fio's clock
    bool paced = false;        // due_ns is drawn and stands until the I/O is done
    bool started = false;      // open loop: accepted into the ring
    hint::Class cls = hint::Class::kNormal;
    std::uint32_t record = 0;  // of a replay
  };

  // A completion that was taken out of the ring before fio asked for it.
  struct Event {
    io_u* io = nullptr;
    int result = 0;
    std::uint64_t reaped_ns = 0;  // 0: fio's own time of completion is right
  };

  // Who takes the next I/O.
  enum class Queue : std::uint8_t {
    kPlain,  // its direction decides its class, and nothing else has to be looked at
    kSplit,  // the same, but the class is drawn
    kOther   // queue_other(): everything else
  };

  // Where event() finds a completion, and what it has to do.
  enum class Events : std::uint8_t {
    kRing,      // count it
    kRingMore,  // also compare it with a deadline, or go on with a replay
    kStash
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

  // job_checks.cc
  base::Status check_options() const;
  base::Status check_hipri() const;
  base::Status check_classes() const;
  base::Status check_evict_op() const;
  base::Status check_zones(const char* path) const;
  base::Status check_carrier() const;
  base::Status check_devices() const;
  base::Status check_trace_job() const;
  base::Status check_device_size() const;

  // engine_setup.cc
  base::Status set_up_classes();
  base::Status open_sidecar();
  base::Status load_trace();
  base::Status set_up_labels();
  base::Status set_up_carrier();
  base::Status set_up_entries();
  [[nodiscard]] std::optional<hint::Class> only_class() const;

  // engine_files.cc
  base::Status register_files();
  int open_for_io(fio_file* file);
  int set_classes_of(const fio_file* file);

  // engine_trims.cc
  Trim trim_of(fio_file* file);
  void fill_trim(io_u* io);
  void fill_sync(io_u* io);
  [[nodiscard]] int allocate_mode() const;
  fio_q_status trim_now(io_u* io, Slot& slot);
  static void reset_zones_of(io_u* io);
  fio_q_status sync_now(io_u* io);

  // attributes.cc
  base::Status set_up_attributes();
  base::Status register_contexts();
  void unregister_contexts();
  void fill_attribute(const io_u* io, const Slot& slot);
  std::uint16_t context_of(const io_u* io, const Slot& slot);

  // engine.cc
  template <bool split>
  fio_q_status queue_data(io_u* io);
  fio_q_status queue_other(io_u* io, Slot& slot);
  void fill(io_u* io, const Slot& slot);
  hint::Class class_of(const io_u* io);
  void set_label(io_u* io, const Slot& slot) const;
  void restore_entry(unsigned index);
  int submit();
  int hand_over();
  int submit_rest(int result);
  int submitted(unsigned count);
  int getevents_waiting(unsigned min, unsigned max);
  void stash_completions(bool with_time = false);
  int getevents_stashed(unsigned min, unsigned max);
  [[nodiscard]] bool completed_data(const io_u* io, int result);
  io_u* complete(io_u* io, int result);
  void count(io_u* io, Slot& slot, int error);
  io_u* event_other(unsigned index);
  void note_deadline(io_u* io);

  // refusals.cc
  void explain_refusal(const io_u* io, const Slot& slot);
  [[nodiscard]] std::string refusal_of(const io_u* io, const Slot& slot) const;
  void fail_sync(const io_u* io, int error);

  // open_loop.cc
  [[nodiscard]] bool paced() const { return paced_; }
  bool may_start(io_u* io, Slot& slot);
  bool sleep_until_due();
  void note_start(io_u* io, Slot& slot);
  int getevents_paced(unsigned min, unsigned max);
  int submit_and_wait(unsigned count);
  int wait_for_arrival();
  void shift_start(io_u* io, std::uint64_t reaped_ns) const;
  [[nodiscard]] std::optional<std::uint64_t> offered();

  // replay.cc
  int prep_record(io_u* io);
  void take(io_u* io, Slot& slot, const Schedule::Item& item);
  void record_done(const Slot& slot);

  thread_data* td_;
  Options* options_;
  Ring ring_;
  std::vector<Slot> slots_;
  std::array<std::array<EntryHead, hint::kClasses>, 2> heads_ = {};  // read, write
  std::uint64_t attribute_mask_ = 0;  // of reads and writes: 0 unless kv_path=attr
  // By class; the kernel reads them when it takes the I/O, with a polling thread at any time.
  std::array<kairo_rw_attr, hint::kClasses> attributes_ = {};
  std::vector<kairo_rw_attr> own_attributes_;  // by slot, when they differ from I/O to I/O
  std::optional<Contexts> contexts_;           // kv_path=attr
  std::vector<std::uint16_t> context_ids_;     // to unregister
  std::vector<std::uint32_t> regions_;         // kv_path=region: by file number, 0: none
  PerDirection<hint::Class> class_of_direction_ = {};
  bool labels_ = false;  // each I/O carries its class into fio's statistics
  bool paced_ = false;   // open loop
  Queue queue_ = Queue::kOther;
  bool first_checked_ = false;
  bool refusal_explained_ = false;      // the job said why the kernel does not take its I/O
  Events events_ = Events::kRing;       // of the last getevents()
  Events ring_events_ = Events::kRing;  // of one that counts what is in the ring
  bool issue_times_ = true;             // fio wants to know when an I/O was submitted
  unsigned in_flight_ = 0;
  unsigned cq_position_ = 0;    // of the first completion that the last getevents() counted
  std::vector<iovec> vectors_;  // empty: READ and WRITE without them
  ClassHints hints_ = {};
  std::uint16_t job_ioprio_ = 0;    // what fio's own prio options say
  std::optional<Chooser> chooser_;  // kv_split, kv_bssplit, kv_map
  cmdprio cmdprio_ = {};            // fio's own, for cmdprio_*
  Sidecar sidecar_;
  SidecarFile sidecar_file_;

  std::vector<Event> stash_;  // the first delivered_ were given to fio
  std::size_t delivered_ = 0;
  std::uint64_t returned_ns_ = 0;  // when getevents() returned, for Event::reaped_ns
  unsigned since_async_ = 0;       // for force_async
  std::vector<int> fds_;           // registerfiles: the descriptors, by file number
  std::vector<Trim> trims_;        // by file number
  bool ready_ = false;             // post_init succeeded

  std::optional<PoissonArrivals> poisson_;
  bool trace_job_ = false;
  std::vector<Record> records_;
  std::optional<Schedule> schedule_;
  std::optional<SessionTimes> session_times_;
  std::uint64_t trace_device_bytes_ = 0;
  std::uint64_t start_ns_ = 0;                // when the open loop began on fio's clock
  std::uint64_t last_ns_ = 0;                 // latest time at which an arrival was looked at
  std::optional<std::uint64_t> held_due_ns_;  // of an arrival drawn and not yet started
  bool waiting_for_arrival_ = false;          // the next getevents() may return early
};

// The I/O path is in engine.cc, and fio's hooks with it.
fio_q_status on_queue(thread_data* td, io_u* io);
int on_commit(thread_data* td);
int on_getevents(thread_data* td, unsigned min, unsigned max, const timespec* timeout);
io_u* on_event(thread_data* td, int index);

}  // namespace kairo::engine
