// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "job.h"
#include "kairo/base/result.h"
#include "kairo/engine/workload.h"
#include "open_loop.h"
#include "schedule.h"

namespace kairo::engine {

// kv_trace: a record of the workload takes the place of what fio made up.
class Replay {
 public:
  // Reads the workload, the part of it that this job replays, and makes the job fit it. The Error
  // is for the user. `job` must outlive it.
  static base::Result<std::unique_ptr<Replay>> load(Job& job);

  // The device that the workload is for.
  [[nodiscard]] std::uint64_t device_bytes() const { return device_bytes_; }
  [[nodiscard]] const std::vector<Record>& records() const { return records_; }

  // Of fio's prep hook, for each I/O that it has made up, again when it comes back from "busy";
  // before fio accounts it. An I/O whose time has not come may be given another record meanwhile:
  // one that a completion has released and that is due before. ENODATA after the last one.
  int prep(io_u* io, Slot& slot, OpenLoop& loop);
  // The slot's record has completed, or failed: what waits for it may go on. Times are from the
  // begin of the replay.
  void completed(const Slot& slot, std::uint64_t now_ns);

  // Records of which the time had come.
  [[nodiscard]] std::uint64_t due_by(std::uint64_t now_ns) const;
  [[nodiscard]] std::vector<SessionResult> sessions() const { return session_times_.results(); }

 private:
  Replay(Job& job, SessionTimes times, Workload workload);
  void take(io_u* io, Slot& slot, OpenLoop& loop, const Schedule::Item& item);

  const Job& job_;
  SessionTimes session_times_;
  std::uint64_t device_bytes_;
  std::vector<Record> records_;
  Schedule schedule_;
};

}  // namespace kairo::engine
