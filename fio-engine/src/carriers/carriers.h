// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hint_lists.h"
#include "kairo/base/result.h"
#include "kairo/hint.hpp"
#include "options.h"

// The ways for the class of an I/O to reach the kernel, one file each. What there is to know of one
// is in its CarrierInfo: a new one is its file, a line in carriers.cc and a value of Path.
namespace kairo::engine {

// What the kernel said when asked, before any I/O of the job.
struct Answer {
  std::string result = "not probed";  // or "accepted", "refused", "failed"
  int error = 0;                      // errno
};

// What one class means for a read or write.
struct ClassHint {
  std::uint16_t sqe_ioprio = 0;  // 0: the kernel takes the job's own
  std::uint32_t rw_flags = 0;
  std::uint16_t label = 0;  // what fio's JSON prints as prioclass/prio
  std::uint16_t slot = 0;   // index of the class among the fio latency slots of its direction
};

// What kv_prio and kv_prio_hint say.
struct PrioOptions {
  std::string text = "be";  // kv_prio as given, for messages
  Priorities priorities;
  bool hint = true;    // kv_path=ioprio: the class beside the priority
  bool given = false;  // kv_path=attr: only then a priority other than the job's
};

// What a probe may look at: the files that the job reads or writes, and how.
struct Asking {
  const PrioOptions& prio;
  const std::vector<std::string>& files;
  bool direct = false;
  bool class_in_prio = true;  // ioprio: no, when it is asked for the priorities alone
};

// What of a job its carrier may refuse.
struct JobShape {
  bool direct = false;
  bool mixes = false;     // classes among its reads or among its writes
  bool verifies = false;  // reads that check what was written
};

// A file that fio has opened, on the ring of the job.
struct OpenedFile {
  int fd = -1;
  int ring_fd = -1;
  hint::Class reads = hint::Class::kNormal;
  hint::Class writes = hint::Class::kNormal;
  std::uint32_t& region;  // its own, 0: none yet
};

struct CarrierInfo {
  Path path = Path::kNone;
  const char* name = "";    // kv_path=NAME, and what reports call it
  const char* help = "";    // in fio's --enghelp
  bool of_auto = false;     // kv_path=auto may take it: the first in the table that is accepted
  const char* remark = "";  // behind what kv_path=auto says when it took this one
  const char* system_call = "";  // what open() calls

  // Asks the kernel. An Error is for the user who named this carrier. Null: nothing to ask.
  base::Status (*probe)(const Asking& asking, Answer& answer) = nullptr;
  // Why a job cannot have it, before the kernel is asked. Null: every job can.
  base::Status (*check)(const JobShape& job) = nullptr;
  // What a class other than normal puts into the I/O. Null: nothing.
  void (*apply)(hint::Class cls, const PrioOptions& prio, ClassHint& out) = nullptr;
  // Says it of a file instead of each I/O: 0 or an errno. Null: nothing is said.
  int (*open)(const OpenedFile& file) = nullptr;
};

// By Path.
const std::array<const CarrierInfo*, kPaths>& carriers();
const CarrierInfo& carrier_info(Path path);

extern const CarrierInfo kAttrCarrier;
extern const CarrierInfo kRwfCarrier;
extern const CarrierInfo kIoprioCarrier;
extern const CarrierInfo kFileCarrier;
extern const CarrierInfo kRegionCarrier;

}  // namespace kairo::engine
