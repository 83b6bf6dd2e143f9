// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "direction.h"
#include "options.h"
#include "sidecar.h"

namespace kairo::engine {

// When the I/O of a job starts.
enum class Mode : std::uint8_t {
  kClosed,  // when fio hands it over
  kOpen,    // kv_rate: at times that are drawn
  kReplay   // kv_trace: at the times of a workload
};

// A fio job, as every part of its engine sees it.
struct Job {
  thread_data* td = nullptr;
  Options* options = nullptr;
  Mode mode = Mode::kClosed;
  PerDirection<hint::Class> class_of_direction = {};
  Sidecar sidecar;  // what was planned, and what became of it

  // Latency counts from the intended start.
  [[nodiscard]] bool paced() const { return mode != Mode::kClosed; }
  [[nodiscard]] bool replays() const { return mode == Mode::kReplay; }
  // kv_path, as given.
  [[nodiscard]] Path path() const { return static_cast<Path>(options->path); }
};

}  // namespace kairo::engine
