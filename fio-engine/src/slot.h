// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "fio_headers.h"
#include "kairo/hint.hpp"

namespace kairo::engine {

// Slot::record of an I/O that waits for a record to be released.
inline constexpr std::uint32_t kNoRecord = UINT32_MAX;

// What the engine keeps for each io_u, found by io_u::index; of a size that makes it a shift.
struct alignas(32) Slot {
  io_u* io = nullptr;
  std::uint64_t due_ns = 0;  // intended start on fio's clock
  bool paced = false;        // due_ns is drawn and stands until the I/O is done
  bool started = false;      // open loop: accepted into the ring
  hint::Class cls = hint::Class::kNormal;
  std::uint32_t record = 0;  // of a replay
};

}  // namespace kairo::engine
