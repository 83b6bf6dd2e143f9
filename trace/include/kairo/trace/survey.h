// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/trace/reader.h"

// The first look at a trace before it is imported: how long, how busy when, how good its clock.
namespace kairo::trace {

// All requests with one timestamp together. Work is counted against a cache without limits.
struct Tick {
  std::uint64_t time_ns = 0;
  std::uint64_t requests = 0;
  std::uint64_t new_blocks = 0;     // never seen before
  std::uint64_t reused_blocks = 0;  // seen before
};

struct Survey {
  const FormatInfo* format = nullptr;
  bool full_blocks_only = false;  // see RequestReader
  std::uint64_t requests = 0;
  bool generated = false;  // every request says so
  std::vector<Tick> ticks;

  [[nodiscard]] std::uint64_t last_ns() const { return ticks.empty() ? 0 : ticks.back().time_ns; }
};

// More block references than this in one trace are refused (import it in parts).
inline constexpr std::uint64_t kMaxBlockRefs = 1ULL << 26;

// Reads the whole trace.
base::Result<Survey> survey(RequestReader reader);

// The trace's clock when it is coarse: the median distance of its timestamps if on average two or
// more requests share one; else 0. Input of Arrivals.
std::uint64_t clock_tick_ns(const Survey& survey);

struct Window {
  std::uint64_t begin_ns = 0;
  std::uint64_t duration_ns = 0;
};

// The most typical stretch of the trace: the window of this length whose new and reused blocks are
// both nearest to their means over all windows, not counting the first fifth of the trace, in
// which the caches warm up. Only windows in which blocks are wanted count, and the first fifth
// does, when there is no other. The whole trace from 0 when it is too short for that. `spread_ns`
// as for Arrivals.
Window typical_window(const Survey& survey, std::uint64_t duration_ns, std::uint64_t spread_ns);

// When the requests with the most new blocks come.
std::uint64_t busiest_ns(const Survey& survey);

// "600s:16s": start and length on the trace's clock. Length 0 is refused.
base::Result<Window> parse_window(std::string_view text);

}  // namespace kairo::trace
