// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/engine/workload.h"
#include "kairo/trace/arrivals.h"
#include "kairo/trace/geometry.h"

// What a KV cache in memory and on flash does to its drive while it serves the requests of a trace.
// docs/traces.md describes the model and what it leaves out.
namespace kairo::trace {

// Times are those of the trace unless "device" is said; device time = trace time / time_scale.
struct SimulatorOptions {
  Geometry geometry;
  std::uint64_t memory_blocks = 0;
  std::uint32_t flash_slots = 1;
  bool used_before = true;  // the flash is full of older blocks at the start: every write evicts

  std::uint64_t begin_ns = 0;     // start of the window that is written out
  std::uint64_t duration_ns = 0;  // its length, at least 1
  double time_scale = 1;          // > 0; 8 replays eight times faster

  std::uint32_t prefetch_bytes = 128 * 1024;      // longest prefetch read
  std::uint32_t prefill_bytes = 1024 * 1024;      // longest prefill write
  double prefetch_bytes_per_s = 512.0 * 1048576;  // per request, device time
  double prefill_tokens_per_s = 15000;            // per prefill worker
  std::uint32_t prefill_workers = 4;
  std::uint64_t tpot_ns = 30'000'000;  // time per output token, at least 1
  double decode_read_fraction = 0;     // [0, 1]
  std::uint64_t seed = 1;
  std::uint64_t max_records = 2'000'000;
};

// Where requests found the blocks of their prompts.
struct HitCounts {
  std::uint64_t requests = 0;
  std::uint64_t blocks = 0;  // = memory + in_flight + flash + computed
  std::uint64_t memory = 0;
  std::uint64_t in_flight = 0;  // being computed or written for another request
  std::uint64_t flash = 0;
  std::uint64_t computed = 0;
};

struct Simulation {
  std::vector<engine::Record> records;  // in time order, device time from the window's start
  HitCounts before;                     // requests that arrived before the window
  HitCounts window;
  std::uint64_t decode_tokens = 0;    // decode steps in the window
  std::uint64_t appended_blocks = 0;  // blocks filled by generated tokens in the window
  // Requests that waited for a prefill worker, and the longest wait (trace time), in the window.
  std::uint64_t prefill_waits = 0;
  std::uint64_t longest_prefill_wait_ns = 0;
  // Signs of a flash tier that is too small for what runs: prefetch reads and writes given up
  // because the block was evicted first, in the window.
  std::uint64_t reads_given_up = 0;
  std::uint64_t writes_given_up = 0;
};

// Runs the trace up to the end of the window; what happens before it only warms the tiers. The same
// input and options give the same records, bit for bit. Fails on a bad trace and when there would
// be more than max_records.
base::Result<Simulation> simulate(Arrivals arrivals, const SimulatorOptions& options);

}  // namespace kairo::trace
