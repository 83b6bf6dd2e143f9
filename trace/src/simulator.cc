// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/simulator.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <queue>
#include <utility>

#include "kairo/base/random.h"
#include "kairo/base/short_names.h"
#include "kairo/base/units.h"
#include "kairo/trace/tiers.h"

namespace kairo::trace {
namespace {

using hint::Class;

constexpr double kNsPerSecond = 1e9;
constexpr std::uint64_t kAppended = kFirstOwnId << 1;  // ids of blocks that decode fills
constexpr std::uint64_t kForever = 1ULL << 62;         // no time is later: sums cannot overflow

std::uint64_t whole_ns(double ns) {
  return ns < static_cast<double>(kForever) ? static_cast<std::uint64_t>(ns) : kForever;
}

std::uint64_t plus(std::uint64_t time_ns, std::uint64_t wait_ns) {
  return std::min(kForever, time_ns + wait_ns);
}

struct Write {
  std::uint64_t id = 0;
  std::uint64_t begin_ns = 0;  // the block's tokens are computed from here
  std::uint64_t end_ns = 0;    // to here, and written as they come
  std::uint32_t slot = 0;
  bool last_of_prefill = false;
};

// A request that still has something to do.
struct Active {
  std::uint32_t session = 0;
  std::vector<std::uint64_t> blocks;  // its KV: the prompt's blocks, then appended ones
  std::vector<std::uint64_t> reads;   // ids to prefetch
  std::vector<Write> writes;
  std::uint64_t decode_begin_ns = 0;
  std::uint64_t decode_steps = 0;
  std::uint64_t first_append_step = 0;  // the decode step that fills the first appended block
  double owed_pages = 0;                // decode reads due, in fractions of one
  std::uint32_t events = 0;             // in the queue; 0 = done
};

enum class What : std::uint8_t { kPrefetch, kWrite, kDecode, kAppend };

struct Event {
  std::uint64_t time_ns = 0;
  std::uint64_t order = 0;  // of creation: ties are broken the same way every time
  std::uint64_t item = 0;   // prefetch: index of the read; write: of the write; else the step
  std::uint32_t chunk = 0;
  std::uint32_t request = 0;
  What what = What::kDecode;
};

struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return std::pair(a.time_ns, a.order) > std::pair(b.time_ns, b.order);
  }
};

class Simulator {
 public:
  Simulator(Arrivals arrivals, const SimulatorOptions& options)
      : arrivals_(std::move(arrivals)),
        options_(options),
        end_ns_(options.begin_ns + options.duration_ns),
        tiers_(options.memory_blocks, options.flash_slots, options.used_before),
        workers_(options.prefill_workers, 0) {}

  Result<Simulation> run() {
    auto next = arrivals_.next();
    if (!next) return base::fail(next.error());
    for (;;) {
      const bool event_first =
          !events_.empty() && (!*next || events_.top().time_ns <= (*next)->time_ns);
      const std::uint64_t now =
          event_first ? events_.top().time_ns : (*next ? (*next)->time_ns : end_ns_);
      if (now >= end_ns_) break;
      if (event_first) {
        const Event event = events_.top();
        events_.pop();
        handle(event);
      } else {
        arrive(**next);
        next = arrivals_.next();
        if (!next) return base::fail(next.error());
      }
      if (result_.records.size() > options_.max_records)
        return base::fail(base::ErrorCode::kUsage,
                          "more than {} I/Os in the window (give a shorter --window, a smaller "
                          "--scale or --decode-read-fraction, or a larger --max-records)",
                          options_.max_records);
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool in_window(std::uint64_t time_ns) const {
    return time_ns >= options_.begin_ns && time_ns < end_ns_;
  }

  void emit(std::uint64_t time_ns, Class cls, std::uint64_t offset, std::uint64_t length,
            std::uint32_t session) {
    if (!in_window(time_ns)) return;
    const double device_ns = static_cast<double>(time_ns - options_.begin_ns) / options_.time_scale;
    result_.records.push_back({static_cast<std::uint64_t>(device_ns), offset,
                               static_cast<std::uint32_t>(length), session, cls});
  }

  void schedule(What what, std::uint64_t time_ns, std::uint32_t request, std::uint64_t item,
                std::uint32_t chunk = 0) {
    ++active_[request].events;
    events_.push({time_ns, order_++, item, chunk, request, what});
  }

  [[nodiscard]] std::uint64_t extent(std::uint32_t slot) const {
    return slot * options_.geometry.block_bytes;
  }

  // Chunk `chunk` of a block split into I/Os of at most `most` bytes: offset in it and length.
  struct Part {
    std::uint64_t offset;
    std::uint64_t length;
  };
  [[nodiscard]] Part part(std::uint32_t chunk, std::uint32_t most) const {
    const std::uint64_t offset = std::uint64_t{chunk} * most;
    return {offset, std::min<std::uint64_t>(most, options_.geometry.block_bytes - offset)};
  }
  [[nodiscard]] std::uint32_t parts(std::uint32_t most) const {
    return static_cast<std::uint32_t>((options_.geometry.block_bytes + most - 1) / most);
  }

  std::uint32_t new_request() {
    if (free_.empty()) {
      active_.emplace_back();
      return static_cast<std::uint32_t>(active_.size() - 1);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    active_[index] = Active{};
    return index;
  }

  void arrive(Request& request) {
    const std::uint64_t now = request.time_ns;
    HitCounts& count = now < options_.begin_ns ? result_.before : result_.window;
    const std::uint32_t index = new_request();
    Active& active = active_[index];
    active.session = sessions_++;
    active.blocks = std::move(request.blocks);
    const std::size_t blocks = active.blocks.size();

    // The prefix up to the first block that is nowhere is reused; what lies behind it would need
    // the missing KV first and is computed again, even if a copy of it is still somewhere.
    std::size_t reused = 0;
    for (; reused < blocks; ++reused) {
      const Where where = tiers_.where(active.blocks[reused]);
      if (where == Where::kNowhere) break;
      if (where == Where::kMemory) ++count.memory;
      if (where == Where::kInFlight) ++count.in_flight;
      if (where == Where::kFlash) {
        ++count.flash;
        active.reads.push_back(active.blocks[reused]);
      }
    }
    ++count.requests;
    count.blocks += blocks;
    count.computed += blocks - reused;

    // From the last block to the first, so that a prefix always outlives what depends on it.
    for (std::size_t i = blocks; i-- > 0;) tiers_.use(active.blocks[i]);

    active.decode_begin_ns =
        std::max(start_prefetch(index, now), start_prefill(index, request, reused));
    start_decode(index, request);
    if (active.events == 0) free_.push_back(index);
  }

  [[nodiscard]] std::uint64_t prefetch_gap_ns(std::uint64_t bytes) const {
    return whole_ns(static_cast<double>(bytes) / options_.prefetch_bytes_per_s * kNsPerSecond *
                    options_.time_scale);
  }

  // Returns when the last read is issued.
  std::uint64_t start_prefetch(std::uint32_t index, std::uint64_t now) {
    const Active& active = active_[index];
    if (active.reads.empty()) return now;
    schedule(What::kPrefetch, now, index, 0);
    return plus(now, prefetch_gap_ns(active.reads.size() * options_.geometry.block_bytes));
  }

  // Gives the request to the worker that is free first. Returns when its prompt is computed.
  std::uint64_t start_prefill(std::uint32_t index, const Request& request, std::size_t reused) {
    Active& active = active_[index];
    const std::uint64_t now = request.time_ns;
    const std::size_t blocks = active.blocks.size();
    if (reused == blocks) return now;
    const auto worker = std::min_element(workers_.begin(), workers_.end());
    const std::uint64_t begin = std::max(now, *worker);
    if (begin > now && in_window(now)) {
      ++result_.prefill_waits;
      result_.longest_prefill_wait_ns = std::max(result_.longest_prefill_wait_ns, begin - now);
    }
    std::uint64_t tokens = 0;
    std::uint64_t done = begin;
    for (std::size_t i = reused; i < blocks; ++i) {
      const std::uint64_t upto =
          std::min<std::uint64_t>((i + 1) * options_.geometry.block_tokens, request.input_tokens);
      tokens += upto - i * options_.geometry.block_tokens;
      const std::uint64_t start = done;
      done = plus(begin, whole_ns(static_cast<double>(tokens) / options_.prefill_tokens_per_s *
                                  kNsPerSecond));
      if (!tiers_.announce(active.blocks[i])) continue;
      active.writes.push_back({active.blocks[i], start, done, 0, false});
      schedule_write(index, active.writes.size() - 1, 0);
    }
    if (!active.writes.empty()) active.writes.back().last_of_prefill = true;
    *worker = done;
    return done;
  }

  // Step s, 1 .. output_tokens - 1, reads the KV and adds one token to it; prefill itself gives the
  // first token.
  void start_decode(std::uint32_t index, const Request& request) {
    Active& active = active_[index];
    active.decode_steps = request.output_tokens > 0 ? request.output_tokens - 1 : 0;
    const std::uint64_t room =
        active.blocks.size() * options_.geometry.block_tokens - request.input_tokens;
    active.first_append_step = room + options_.geometry.block_tokens;
    active.owed_pages = base::Random(base::mix(options_.seed, active.session)).unit();
    if (active.first_append_step <= active.decode_steps)
      schedule(What::kAppend, step_time(active, active.first_append_step), index,
               active.first_append_step);
    // Steps before the window cause no I/O that anyone will see.
    std::uint64_t step = 1;
    if (active.decode_begin_ns < options_.begin_ns)
      step = std::max<std::uint64_t>(
          1,
          (options_.begin_ns - active.decode_begin_ns + options_.tpot_ns - 1) / options_.tpot_ns);
    if (step <= active.decode_steps) schedule(What::kDecode, step_time(active, step), index, step);
  }

  [[nodiscard]] std::uint64_t step_time(const Active& active, std::uint64_t step) const {
    return active.decode_begin_ns + step * options_.tpot_ns;
  }

  void handle(const Event& event) {
    switch (event.what) {
      case What::kPrefetch:
        prefetch(event);
        break;
      case What::kWrite:
        write(event);
        break;
      case What::kDecode:
        decode(event);
        break;
      case What::kAppend:
        append(event);
        break;
    }
    if (--active_[event.request].events == 0) free_.push_back(event.request);
  }

  void prefetch(const Event& event) {
    const Active& active = active_[event.request];
    const auto slot = tiers_.slot(active.reads[event.item]);
    const Part io = part(event.chunk, options_.prefetch_bytes);
    if (slot) {
      emit(event.time_ns, Class::kPrefetch, extent(*slot) + io.offset, io.length, active.session);
    } else if (in_window(event.time_ns)) {
      ++result_.reads_given_up;
    }
    const bool block_done = event.chunk + 1 == parts(options_.prefetch_bytes);
    const std::uint64_t item = event.item + (block_done ? 1 : 0);
    if (item == active.reads.size()) return;
    schedule(What::kPrefetch, plus(event.time_ns, prefetch_gap_ns(io.length)), event.request, item,
             block_done ? 0 : event.chunk + 1);
  }

  // The chunks of a block are written at equal distances while it is computed.
  void schedule_write(std::uint32_t index, std::uint64_t item, std::uint32_t chunk) {
    const Write& write = active_[index].writes[item];
    const double share = static_cast<double>(chunk + 1) / parts(options_.prefill_bytes);
    const auto after =
        static_cast<std::uint64_t>(static_cast<double>(write.end_ns - write.begin_ns) * share);
    schedule(What::kWrite, write.begin_ns + after, index, item, chunk);
  }

  void write(const Event& event) {
    Active& active = active_[event.request];
    Write& write = active.writes[event.item];
    if (event.chunk == 0) {
      const Tiers::Placement placement = tiers_.place(write.id);
      write.slot = placement.slot;
      for (const std::uint32_t slot : placement.evicted)
        emit(event.time_ns, Class::kEvict, extent(slot), options_.geometry.block_bytes,
             active.session);
    } else if (tiers_.slot(write.id) != write.slot) {
      if (in_window(event.time_ns)) ++result_.writes_given_up;
      return;
    }
    const Part io = part(event.chunk, options_.prefill_bytes);
    emit(event.time_ns, Class::kPrefill, extent(write.slot) + io.offset, io.length, active.session);
    if (event.chunk + 1 < parts(options_.prefill_bytes)) {
      schedule_write(event.request, event.item, event.chunk + 1);
      return;
    }
    tiers_.complete(write.id);
    // Flash took the blocks first to last; turn them round as arrive() does.
    if (write.last_of_prefill) {
      for (std::size_t i = active.blocks.size(); i-- > 0;) tiers_.keep(active.blocks[i]);
    }
  }

  void append(const Event& event) {
    Active& active = active_[event.request];
    const std::uint64_t id = kAppended + appended_++;
    if (in_window(event.time_ns)) ++result_.appended_blocks;
    active.blocks.push_back(id);
    tiers_.use(id);
    tiers_.announce(id);
    active.writes.push_back({id, event.time_ns, event.time_ns + options_.tpot_ns, 0, false});
    schedule_write(event.request, active.writes.size() - 1, 0);
    const std::uint64_t step = event.item + options_.geometry.block_tokens;
    if (step <= active.decode_steps)
      schedule(What::kAppend, step_time(active, step), event.request, step);
  }

  void decode(const Event& event) {
    Active& active = active_[event.request];
    ++result_.decode_tokens;
    const std::uint64_t pages = options_.geometry.block_pages;
    readable_.clear();
    if (options_.decode_read_fraction > 0) {
      for (const std::uint64_t id : active.blocks) {
        if (const auto slot = tiers_.slot_to_read(id)) readable_.push_back(*slot);
      }
    }
    const auto candidates = static_cast<double>(readable_.size() * pages);
    active.owed_pages += candidates * options_.decode_read_fraction;
    const double due = std::floor(active.owed_pages);
    active.owed_pages -= due;
    base::Random random(base::mix(base::mix(options_.seed, active.session), event.item));
    for (auto left = static_cast<std::uint64_t>(due); left > 0 && !readable_.empty(); --left) {
      const std::uint64_t page = random.below(readable_.size() * pages);
      emit(event.time_ns, Class::kDecode,
           extent(readable_[page / pages]) + page % pages * options_.geometry.page_bytes,
           options_.geometry.page_bytes, active.session);
      if (result_.records.size() > options_.max_records) return;
    }
    if (event.item < active.decode_steps)
      schedule(What::kDecode, step_time(active, event.item + 1), event.request, event.item + 1);
  }

  Arrivals arrivals_;
  SimulatorOptions options_;
  std::uint64_t end_ns_;
  Tiers tiers_;
  std::vector<std::uint64_t> workers_;  // when each prefill worker is free
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::vector<Active> active_;
  std::vector<std::uint32_t> free_;  // unused entries of active_
  std::vector<std::uint32_t> readable_;
  std::uint64_t order_ = 0;
  std::uint64_t appended_ = 0;
  std::uint32_t sessions_ = 0;
  Simulation result_;
};

}  // namespace

Result<Simulation> simulate(Arrivals arrivals, const SimulatorOptions& options) {
  assert(options.geometry.block_bytes > 0 && options.flash_slots > 0);
  assert(options.time_scale > 0 && options.duration_ns > 0 && options.tpot_ns > 0);
  assert(options.prefill_workers > 0 && options.prefill_tokens_per_s > 0);
  assert(options.prefetch_bytes_per_s > 0);
  return Simulator(std::move(arrivals), options).run();
}

}  // namespace kairo::trace
