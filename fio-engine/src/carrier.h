// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "carriers/carriers.h"
#include "kairo/base/result.h"
#include "kairo/hint.hpp"

// Which carrier a job uses, and what that puts into the SQE of each class.
namespace kairo::engine {

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

// The table for a decided carrier. `job_ioprio` is what fio's own prio options set, 0 when unset.
ClassHints class_hints(Path used, const PrioOptions& prio, std::uint16_t job_ioprio);

struct Carrier {
  Path used = Path::kNone;
  std::array<Answer, kPaths> answers;  // by Path
};

// Which carriers were asked and not taken, for kv_path=auto's line: "attr refused, rwf refused
// (Operation not supported)". Empty when the first was taken.
std::string passed_over(const Carrier& carrier);

// Asks the kernel and decides. A carrier asked for by name that the kernel refuses is an Error;
// only kAuto chooses. `files` are what the job reads or writes; each is opened for reading, and for
// attr and rwf one block is read past its end.
base::Result<Carrier> choose_carrier(Path asked, const PrioOptions& prio,
                                     const std::vector<std::string>& files, bool direct);

}  // namespace kairo::engine
