// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_set>
#include <vector>

#include "kairo/trace/lru.h"

// The two tiers of a KV cache: memory in front, flash behind it. Both hold whole blocks and drop
// the least recently used. Knows slots, not bytes: slot n is the extent n x block_bytes of the
// drive.
namespace kairo::trace {

// Where the newest copy of a block is, seen by a request that wants it.
enum class Where : std::uint8_t {
  kMemory,    // in memory: costs no I/O
  kInFlight,  // computed or on its way to flash now: shared from the writer, costs no I/O
  kFlash,     // complete on flash, not in memory: has to be read
  kNowhere    // has to be computed
};

// Flash extents of equal size. A freed slot goes to the end of a queue, so that it rests as long as
// possible before it is written again: its discard should be over by then.
class SlotPool {
 public:
  // `used_before`: the drive was full of older blocks when the trace began, but for `reserve` slots
  // (at most `slots`), as whoever kept it full left it. The first use of another slot takes it from
  // one of them.
  SlotPool(std::uint32_t slots, bool used_before, std::uint64_t reserve);

  [[nodiscard]] std::uint32_t slots() const { return slots_; }
  // Slots that can be taken without freeing one.
  [[nodiscard]] std::uint64_t free_slots() const { return freed_.size() + (slots_ - first_free_); }
  // The next older block's slot; nothing when all of them are gone.
  std::optional<std::uint32_t> pop_stale();
  void release(std::uint32_t slot) { freed_.push_back(slot); }
  // Only when free_slots() > 0.
  std::uint32_t take();

 private:
  std::uint32_t slots_;
  bool used_before_;
  std::uint32_t next_stale_ = 0;
  std::uint32_t first_free_;  // never used slots: [first_free_, slots_)
  std::deque<std::uint32_t> freed_;
};

class Tiers {
 public:
  // `memory_blocks` may be 0; `flash_slots` at least 1. 1/64 of the slots (at least one, when there
  // are two) is kept free ahead of need.
  Tiers(std::uint64_t memory_blocks, std::uint32_t flash_slots, bool used_before);

  [[nodiscard]] Where where(std::uint64_t id) const;

  // Makes `id` the most recently used block of both tiers and brings it into memory.
  void use(std::uint64_t id);
  // As use(), of flash only.
  void keep(std::uint64_t id) { flash_.touch(id); }

  // Notes that a computed block will be written to flash; false when it is there, or already
  // announced by someone, and needs no write.
  bool announce(std::uint64_t id);

  // Starts the write of an announced block: gives it a slot. `evicted` gets the slots that were
  // freed for it, to be discarded first.
  struct Placement {
    std::uint32_t slot = 0;
    std::vector<std::uint32_t> evicted;
  };
  Placement place(std::uint64_t id);
  // The block's last write is issued: from now on it can be read. No effect when it was evicted.
  void complete(std::uint64_t id);

  // Slot of a block on flash, complete or being written.
  [[nodiscard]] std::optional<std::uint32_t> slot(std::uint64_t id) const;
  // Slot of a block that only a read from flash can give.
  [[nodiscard]] std::optional<std::uint32_t> slot_to_read(std::uint64_t id) const;

  [[nodiscard]] std::uint64_t blocks_in_memory() const { return memory_.size(); }
  [[nodiscard]] std::uint64_t blocks_on_flash() const { return flash_.size(); }

 private:
  struct Nothing {};
  struct Extent {
    std::uint32_t slot = 0;
    bool complete = false;
  };

  std::uint64_t memory_blocks_;
  std::uint64_t reserve_;
  LruMap<Nothing> memory_;
  LruMap<Extent> flash_;
  SlotPool pool_;
  std::unordered_set<std::uint64_t> announced_;
};

}  // namespace kairo::trace
