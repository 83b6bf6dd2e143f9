// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/reports/io_class.h"

namespace kairo::reports {

// What the engine counted for one class of one job.
struct EngineClass {
  std::uint64_t ios = 0;
  std::uint64_t bytes = 0;
  std::uint64_t errors = 0;
  std::uint64_t late = 0;  // issued after their intended start
  std::uint64_t max_late_ns = 0;
  // Completed after the class's deadline (kv_deadline); absent when it had none.
  std::optional<std::uint64_t> missed = {};
};

// What one session of a replay would feel: the I/O's share, without the computing between.
struct SessionFigures {
  std::uint64_t session = 0;
  std::uint64_t ttft_ns = 0;  // from its first record to the end of its first decode step
  std::uint64_t steps = 0;
  std::optional<double> steps_per_s;  // absent for one step
};

// The sidecar of one job (schema `kairo-engine-stats`, version 1; kv_stats=FILE).
struct EngineStats {
  std::string job;
  std::string engine;
  std::string path_asked;  // kv_path as given, and the one the kernel accepted
  std::string path_used;
  std::array<std::optional<EngineClass>, kClassCount> classes;
  std::optional<std::uint64_t> offered_ios;  // open loop: arrivals due; absent in a closed loop
  std::optional<std::uint64_t> issued_ios;
  std::optional<std::uint64_t> enter_calls;  // io_uring_enter; absent from older engines
  std::vector<SessionFigures> sessions;      // of a replay: those that completed a decode step
  bool sample = false;                       // it replayed a workload marked as a sample
};

// Adds the counters of another process of the same job (numjobs above 1).
void merge(EngineStats& into, const EngineStats& other);

// Unknown members are ignored: a newer engine may say more.
base::Result<EngineStats> parse_engine_stats(std::string_view text, const std::string& source);

}  // namespace kairo::reports
