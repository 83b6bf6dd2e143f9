// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/trace/reader.h"

// A trace as a working set: how often blocks come back, how soon, and how large a cache has to be
// to still have them.
namespace kairo::trace {

// Number of different blocks used since the last use of a block (Mattson's stack distance; the
// block itself counts, so 1 is an immediate repetition): an LRU cache of n blocks hits exactly the
// references with a distance of at most n. A Fenwick tree over the last uses; memory grows with the
// number of different blocks, not with the trace.
class StackDistance {
 public:
  // The distance of this use of `id`; nothing on its first use.
  std::optional<std::uint64_t> use(std::uint64_t id);
  [[nodiscard]] std::uint64_t unique() const { return last_.size(); }

 private:
  void compact();
  void add(std::size_t position, bool present);
  [[nodiscard]] std::uint64_t sum(std::size_t position) const;

  std::unordered_map<std::uint64_t, std::size_t> last_;  // id -> position of its last use
  std::vector<std::uint32_t> tree_ = std::vector<std::uint32_t>(1025);
  std::size_t next_ = 1;
};

struct Reuse {
  const FormatInfo* format = nullptr;
  bool full_blocks_only = false;  // see RequestReader
  bool generated = false;
  std::uint64_t requests = 0;
  std::uint64_t duration_ns = 0;
  std::uint64_t clock_tick_ns = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::vector<std::uint32_t> inputs;   // per request, sorted
  std::vector<std::uint32_t> outputs;  // per request, sorted

  std::uint64_t blocks = 0;  // references
  std::uint64_t unique = 0;
  std::uint64_t used_once = 0;
  std::uint64_t most_used = 0;           // uses of the most used block
  std::uint64_t longest_prompt = 0;      // blocks
  std::vector<std::uint64_t> distances;  // of each reuse, sorted
  std::vector<std::uint64_t> gaps_ns;    // time between two uses, sorted

  // Prefix stability. Of the reused blocks, those that follow the same block as at their last use:
  // all of them in a trace whose ids name prefixes.
  std::uint64_t same_parent = 0;
  std::vector<std::uint32_t> shared_prefix;  // per request: leading blocks seen before; sorted
  std::uint64_t fully_shared = 0;  // requests whose blocks, but for the last, were all seen before

  // Conversations, where the trace names the turn before: those of which it has a turn, the
  // requests whose turn before it has, and the time from that turn to them, sorted.
  std::uint64_t conversations = 0;
  std::uint64_t next_turns = 0;
  std::vector<std::uint64_t> turn_gaps_ns;

  [[nodiscard]] std::uint64_t reused() const { return blocks - unique; }
  // Hits of an LRU cache of so many blocks.
  [[nodiscard]] std::uint64_t hits(std::uint64_t cache_blocks) const;
  // The smallest LRU cache, in blocks, with at least so many hits (at most reused()).
  [[nodiscard]] std::uint64_t cache_for(std::uint64_t hits) const;
};

// Reads the whole trace.
base::Result<Reuse> measure_reuse(RequestReader reader);

// The value below which a share q of the sorted values lies: element floor(n x q). n must not be 0.
template <class T>
T quantile(const std::vector<T>& sorted, double q) {
  const auto index = static_cast<std::size_t>(static_cast<double>(sorted.size()) * q);
  return sorted[index < sorted.size() ? index : sorted.size() - 1];
}

}  // namespace kairo::trace
