// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "kairo/engine/workload.h"

namespace kairo::trace {

struct ClassSummary {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint32_t shortest = 0;  // bytes; 0 without records
  std::uint32_t longest = 0;
  // The busiest 100 ms on a fixed grid.
  std::uint64_t peak_records = 0;
  std::uint64_t peak_bytes = 0;
};

// What a workload asks of a drive.
struct Summary {
  std::uint64_t device_bytes = 0;
  std::uint64_t duration_ns = 0;
  std::uint64_t first_ns = 0;
  std::uint64_t last_ns = 0;
  std::uint64_t records = 0;
  std::uint64_t sessions = 0;  // different ones
  bool sample = false;
  std::string source;
  std::array<ClassSummary, hint::kClasses> classes = {};
};

Summary summarize(const engine::Workload& workload);

// For people: a table of classes with counts, rates and sizes.
std::string to_text(const Summary& summary);
// {device_bytes, duration_ns, ..., classes: {decode: {records, bytes, per_s, bytes_per_s, ...}}}.
// Rates are over duration_ns; null when it is 0.
nlohmann::ordered_json to_json(const Summary& summary);

}  // namespace kairo::trace
