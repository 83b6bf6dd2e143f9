// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "hint_lists.h"
#include "kairo/base/result.h"
#include "kairo/hint.hpp"
#include "options.h"

// Which carrier a job uses, and what that puts into the SQE of each class.
namespace kairo::engine {

// What the kernel said when asked, before any I/O of the job.
struct Probe {
  struct Answer {
    std::string result = "not probed";  // or "accepted", "refused", "failed"
    int error = 0;                      // errno
  };
  Answer attr;
  Answer rwf;
  Answer ioprio;
  Answer file;
  Answer region;
};

// Which carriers were asked and not taken, for kv_path=auto's line: "attr refused, rwf refused
// (Operation not supported)". Empty when the first was taken.
std::string passed_over(const Probe& probe);

// What one class means for a read or write.
struct ClassHint {
  std::uint16_t sqe_ioprio = 0;  // 0: the kernel takes the job's own
  std::uint32_t rw_flags = 0;
  std::uint16_t label = 0;  // what fio's JSON prints as prioclass/prio
  std::uint16_t slot = 0;   // index of the class among the fio latency slots of its direction
};

using ClassHints = std::array<ClassHint, hint::kClasses>;

// The fio latency slots of a direction (0 read, 1 write, 2 trim): the class of each slot.
inline constexpr std::array<std::array<hint::Class, 3>, 3> kSlots = {{
    {hint::Class::kNormal, hint::Class::kDecode, hint::Class::kPrefetch},
    {hint::Class::kNormal, hint::Class::kPrefill, hint::Class::kNormal},
    {hint::Class::kNormal, hint::Class::kEvict, hint::Class::kNormal},
}};
inline constexpr std::array<int, 3> kSlotCount = {3, 2, 2};

// The label of each class in fio's JSON: decode 1/0, prefetch 1/1, prefill 2/7, evict 2/6, normal
// 0/0. Fixed, whatever goes to the kernel: reports read it.
std::uint16_t class_label(hint::Class cls);

// What kv_prio and kv_prio_hint say.
struct PrioOptions {
  std::string text = "be";  // kv_prio as given, for messages
  Priorities priorities;
  bool hint = true;    // kv_path=ioprio: the class beside the priority
  bool given = false;  // kv_path=attr: only then a priority other than the job's
};

// The table for a decided carrier. `job_ioprio` is what fio's own prio options set, 0 when unset.
ClassHints class_hints(Path used, const PrioOptions& prio, std::uint16_t job_ioprio);

struct Carrier {
  Path used = Path::kNone;
  Probe probe;
};

// Asks the kernel and decides. A carrier asked for by name that the kernel refuses is an Error;
// only kAuto chooses. `files` are what the job reads or writes; each is opened for reading, and for
// attr and rwf one block is read past its end.
base::Result<Carrier> choose_carrier(Path asked, const PrioOptions& prio,
                                     const std::vector<std::string>& files, bool direct);

}  // namespace kairo::engine
