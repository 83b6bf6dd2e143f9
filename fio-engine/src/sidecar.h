// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "carrier.h"
#include "hint_plan.h"
#include "kairo/base/result.h"
#include "kairo/hint.hpp"
#include "schedule.h"

// The statistics that fio's JSON has no place for (docs/engine.md, "Sidecar").
namespace kairo::engine {

struct ClassCounters {
  std::uint64_t ios = 0;
  std::uint64_t errors =
      0;  // between the two that each I/O adds to: g++ would make a vector of them
  std::uint64_t bytes = 0;
  std::uint64_t late = 0;         // open loop: started more than kLateNs after the intended start
  std::uint64_t max_late_ns = 0;  // open loop
  std::uint64_t missed = 0;       // completed after the class's deadline
};

// An arrival that starts up to this much after its time is on time: waking up takes tens of
// microseconds on a busy machine.
inline constexpr std::uint64_t kLateNs = 100'000;

struct Sidecar {
  std::string jobname;
  unsigned job_number = 0;
  Path asked = Path::kNone;
  Carrier carrier;
  std::string arrivals = "closed";           // closed, poisson or trace
  std::optional<std::uint64_t> offered_ios;  // arrivals that were due; none for a closed loop
  std::uint64_t issued_ios = 0;
  std::uint64_t enter_calls = 0;  // io_uring_enter(2)
  std::uint64_t duration_ns =
      0;                       // open loop: from its first arrival to the last that was looked at
  std::string trims = "none";  // how DDIR_TRIM goes out
  std::vector<std::string> ring_flags;
  std::string trace_file;    // empty: no trace
  std::string trace_source;  // its header
  bool trace_sample = false;
  bool depend = false;
  // kv_path=attr: the contexts that carried the metadata; nothing with another carrier.
  struct Carried {
    std::size_t contexts = 0;
    std::size_t sessions = 0;               // with a context of their own
    std::uint64_t ios_without_session = 0;  // reads and writes of other sessions
  };
  std::optional<Carried> carried;
  std::vector<SessionResult> sessions;  // of a replay
  HintPlan plan;
  // By direction (read, write, trim) and class.
  std::array<std::array<ClassCounters, hint::kClasses>, 3> counters = {};
};

// I/O that came back, with or without an error.
std::uint64_t completed_ios(const Sidecar& sidecar);

// Expands %j (job name, '/' as '-'), %n (job number) and %% in a kv_stats value.
base::Result<std::string> expand_path(const std::string& pattern, const std::string& jobname,
                                      unsigned job_number);

// The file of a job, held from before its first I/O to its end.
class SidecarFile {
 public:
  SidecarFile() = default;
  SidecarFile(const SidecarFile&) = delete;
  SidecarFile& operator=(const SidecarFile&) = delete;
  ~SidecarFile();

  // Creates or empties the file and locks it: what cannot be written fails now, two jobs do not
  // share one file, and an aborted run leaves an empty one and no older numbers. Refused where
  // base::check_output() refuses, as with it for `inputs`.
  base::Status open(const std::string& path, const std::vector<std::filesystem::path>& inputs = {});
  // All of it: a regular file is replaced by base::write_file(), so that whoever reads it finds it
  // empty or whole; anything else is written through.
  base::Status write(const std::string& text);
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  std::string path_;
  int fd_ = -1;
  bool regular_ = false;
};

std::string sidecar_json(const Sidecar& sidecar);

}  // namespace kairo::engine
