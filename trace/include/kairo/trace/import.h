// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "kairo/base/result.h"
#include "kairo/trace/geometry.h"
#include "kairo/trace/simulator.h"
#include "kairo/trace/survey.h"
#include "kairo/trace/writer.h"

// `kairo trace import`: a request trace in, a workload out.
namespace kairo::trace {

// The defaults fit the lab's reference drive (8 dies, 16 GiB, about 1.6 GB/s of programs) with
// Mooncake's conversation trace; docs/traces.md says how they were chosen.
struct ImportOptions {
  std::filesystem::path trace;
  const FormatInfo* format = nullptr;  // nullptr: from the first line
  GeometryOptions geometry = {.scale = 1.0 / 32};
  std::uint32_t block_tokens = 0;  // of `geometry`; 0: the format's

  std::optional<Window> window;  // empty: typical_window() of `length_ns` device time
  std::uint64_t length_ns = 2'000'000'000;
  double time_scale = 8;                   // replay speed
  std::optional<std::uint64_t> spread_ns;  // empty: clock_tick_ns(); see Arrivals

  std::uint64_t memory_bytes = 1ULL << 30;  // of the tier in front of flash, lab bytes
  std::uint64_t device_bytes = 16ULL << 30;
  std::optional<std::uint64_t> flash_bytes;  // empty: the device
  bool cold = false;                         // the flash starts empty

  std::uint64_t prefetch_bytes = 128 << 10;
  std::uint64_t prefill_bytes = 1 << 20;
  std::uint64_t prefetch_mib_per_s = 512;
  double prefill_tokens_per_s = 15000;
  std::uint32_t prefill_workers = 4;
  std::uint64_t tpot_ns = 30'000'000;
  double decode_read_fraction = 0.0005;

  bool sample = false;  // mark the workload as a sample whatever the trace says
  std::uint64_t seed = 1;
  std::uint64_t max_records = 2'000'000;
};

struct Imported {
  engine::Workload workload;  // records and header fields; ios and bytes per class not filled in
  HeaderLines header;         // how it was made
  Simulation simulation;      // its counts; the records moved into `workload`
  Geometry geometry;
  Window window;
  std::uint64_t spread_ns = 0;
  std::uint64_t memory_blocks = 0;
  std::uint32_t flash_slots = 0;
  std::uint64_t trace_requests = 0;
  std::uint64_t trace_duration_ns = 0;
  const FormatInfo* format = nullptr;
  bool full_blocks_only = false;  // see RequestReader
};

// Checks the options (kUsage), reads the trace twice (kInput) and simulates. A window without I/O
// is an error.
base::Result<Imported> import_trace(const ImportOptions& options);

}  // namespace kairo::trace
