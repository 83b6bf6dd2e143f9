// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/reuse.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "kairo/base/units.h"
#include "kairo/trace/survey.h"

namespace kairo::trace {

void StackDistance::add(std::size_t position, bool present) {
  for (std::size_t i = position; i < tree_.size(); i += i & (~i + 1)) {
    if (present) {
      ++tree_[i];
    } else {
      --tree_[i];
    }
  }
}

std::uint64_t StackDistance::sum(std::size_t position) const {
  std::uint64_t total = 0;
  for (std::size_t i = position; i > 0; i -= i & (~i + 1)) total += tree_[i];
  return total;
}

// Renumbers the last uses 1, 2, ... and makes room for as many again.
void StackDistance::compact() {
  std::vector<std::pair<std::size_t, std::uint64_t>> uses;
  uses.reserve(last_.size());
  for (const auto& [id, position] : last_) uses.emplace_back(position, id);
  std::sort(uses.begin(), uses.end());
  tree_.assign(std::max<std::size_t>(1024, uses.size() * 4) + 1, 0);
  next_ = 1;
  for (const auto& use : uses) {
    last_[use.second] = next_;
    add(next_++, true);
  }
}

std::optional<std::uint64_t> StackDistance::use(std::uint64_t id) {
  if (next_ == tree_.size()) compact();
  const auto [at, fresh] = last_.try_emplace(id, next_);
  std::optional<std::uint64_t> distance;
  if (!fresh) {
    distance = last_.size() - sum(at->second) + 1;
    add(at->second, false);
    at->second = next_;
  }
  add(next_++, true);
  return distance;
}

std::uint64_t Reuse::hits(std::uint64_t cache_blocks) const {
  return static_cast<std::uint64_t>(
      std::upper_bound(distances.begin(), distances.end(), cache_blocks) - distances.begin());
}

std::uint64_t Reuse::cache_for(std::uint64_t hits) const {
  assert(hits <= distances.size());
  return hits == 0 ? 0 : distances[hits - 1];
}

namespace {

struct Seen {
  std::uint64_t time_ns = 0;
  std::uint64_t parent = 0;
  std::uint64_t uses = 0;
};

class Meter {
 public:
  explicit Meter(const FormatInfo& format) { result_.format = &format; }

  void add(const Request& request) {
    ++result_.requests;
    result_.duration_ns = request.time_ns;
    result_.generated = (result_.requests == 1 || result_.generated) && request.generated;
    result_.input_tokens += request.input_tokens;
    result_.output_tokens += request.output_tokens;
    result_.inputs.push_back(request.input_tokens);
    result_.outputs.push_back(request.output_tokens);
    result_.blocks += request.blocks.size();
    result_.longest_prompt = std::max<std::uint64_t>(result_.longest_prompt, request.blocks.size());
    if (request.chat) note_turn(request);
    // Without ids all blocks are different; no need to remember them.
    if (result_.format->ids == BlockIds::kNone) {
      result_.unique += request.blocks.size();
      return;
    }
    std::uint64_t parent = ~0ULL;
    std::uint32_t shared = 0;
    bool prefix = true;
    for (const std::uint64_t id : request.blocks) {
      const bool before = note(id, parent, request.time_ns);
      prefix = prefix && before;
      if (prefix) ++shared;
      parent = id;
    }
    result_.shared_prefix.push_back(shared);
    if (!request.blocks.empty() && shared + 1 >= request.blocks.size()) ++result_.fully_shared;
  }

  Reuse finish() {
    result_.unique += seen_.size();
    if (result_.format->ids == BlockIds::kNone) {
      result_.used_once = result_.unique;
      result_.most_used = result_.unique > 0 ? 1 : 0;
    }
    for (const auto& [id, seen] : seen_) {
      if (seen.uses == 1) ++result_.used_once;
      result_.most_used = std::max(result_.most_used, seen.uses);
    }
    std::sort(result_.inputs.begin(), result_.inputs.end());
    std::sort(result_.outputs.begin(), result_.outputs.end());
    std::sort(result_.distances.begin(), result_.distances.end());
    std::sort(result_.gaps_ns.begin(), result_.gaps_ns.end());
    std::sort(result_.turn_gaps_ns.begin(), result_.turn_gaps_ns.end());
    std::sort(result_.shared_prefix.begin(), result_.shared_prefix.end());
    return std::move(result_);
  }

 private:
  // A turn whose turn before is not in the trace begins a conversation here.
  void note_turn(const Request& request) {
    const auto before = request.parent_chat ? turns_.find(*request.parent_chat) : turns_.end();
    if (before == turns_.end()) {
      ++result_.conversations;
    } else {
      ++result_.next_turns;
      result_.turn_gaps_ns.push_back(request.time_ns - before->second);
    }
    turns_[*request.chat] = request.time_ns;
  }

  // True when the block was seen before.
  bool note(std::uint64_t id, std::uint64_t parent, std::uint64_t now) {
    const auto distance = distance_.use(id);
    const auto [at, fresh] = seen_.try_emplace(id, Seen{now, parent, 1});
    if (fresh) return false;
    Seen& seen = at->second;
    result_.distances.push_back(*distance);
    result_.gaps_ns.push_back(now - seen.time_ns);
    if (seen.parent == parent) ++result_.same_parent;
    seen = {now, parent, seen.uses + 1};
    return true;
  }

  StackDistance distance_;
  std::unordered_map<std::uint64_t, Seen> seen_;
  std::unordered_map<std::uint64_t, std::uint64_t> turns_;  // when each request came
  Reuse result_;
};

}  // namespace

base::Result<Reuse> measure_reuse(RequestReader reader) {
  Meter meter(reader.format());
  Survey clock;  // only its ticks
  std::uint64_t blocks = 0;
  for (;;) {
    KAIRO_TRY(auto next, reader.next());
    if (!next) break;
    blocks += (next)->blocks.size();
    ++clock.requests;
    if (blocks > kMaxBlockRefs || clock.requests > kMaxBlockRefs)
      return base::bad_input(
          "{}:{}: the trace has more than {} requests or block references "
          "(split it)",
          reader.name(), reader.line(), base::format_count(kMaxBlockRefs));
    if (clock.ticks.empty() || clock.ticks.back().time_ns != (next)->time_ns)
      clock.ticks.push_back({(next)->time_ns, 0, 0, 0});
    meter.add(*next);
  }
  if (clock.requests == 0)
    return base::bad_input("{}: has no requests (give a trace with at least one)", reader.name());
  Reuse result = meter.finish();
  result.full_blocks_only = reader.full_blocks_only();
  result.clock_tick_ns = clock_tick_ns(clock);
  return result;
}

}  // namespace kairo::trace
