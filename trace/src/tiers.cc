// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/tiers.h"

#include <algorithm>
#include <cassert>

namespace kairo::trace {

SlotPool::SlotPool(std::uint32_t slots, bool used_before, std::uint64_t reserve)
    : slots_(slots), used_before_(used_before), first_free_(used_before ? slots : 0) {
  if (!used_before) return;
  for (; next_stale_ < reserve; ++next_stale_) freed_.push_back(next_stale_);
}

std::optional<std::uint32_t> SlotPool::pop_stale() {
  if (!used_before_ || next_stale_ == slots_) return std::nullopt;
  return next_stale_++;
}

std::uint32_t SlotPool::take() {
  assert(free_slots() > 0);
  if (first_free_ < slots_) return first_free_++;
  const std::uint32_t slot = freed_.front();
  freed_.pop_front();
  return slot;
}

Tiers::Tiers(std::uint64_t memory_blocks, std::uint32_t flash_slots, bool used_before)
    : memory_blocks_(memory_blocks),
      reserve_(flash_slots < 2 ? 0 : std::max<std::uint64_t>(1, flash_slots / 64)),
      pool_(flash_slots, used_before, reserve_) {}

Where Tiers::where(std::uint64_t id) const {
  if (memory_.contains(id)) return Where::kMemory;
  if (announced_.contains(id)) return Where::kInFlight;
  if (const Extent* extent = flash_.find(id))
    return extent->complete ? Where::kFlash : Where::kInFlight;
  return Where::kNowhere;
}

void Tiers::use(std::uint64_t id) {
  flash_.touch(id);
  if (memory_.touch(id) || memory_blocks_ == 0) return;
  // What leaves memory needs no write: every block went to flash when it was computed.
  if (memory_.size() == memory_blocks_) memory_.pop();
  memory_.insert(id, {});
}

bool Tiers::announce(std::uint64_t id) {
  return !flash_.contains(id) && announced_.insert(id).second;
}

Tiers::Placement Tiers::place(std::uint64_t id) {
  assert(announced_.contains(id) && !flash_.contains(id));
  announced_.erase(id);
  Placement placement;
  while (pool_.free_slots() <= reserve_) {
    std::optional<std::uint32_t> freed = pool_.pop_stale();
    if (!freed) {
      const auto oldest = flash_.pop();
      if (!oldest) break;  // all slots are free: fewer than the reserve asks for
      freed = oldest->second.slot;
    }
    pool_.release(*freed);
    placement.evicted.push_back(*freed);
  }
  placement.slot = pool_.take();
  flash_.insert(id, {placement.slot, false});
  return placement;
}

void Tiers::complete(std::uint64_t id) {
  if (Extent* extent = flash_.find(id)) extent->complete = true;
}

std::optional<std::uint32_t> Tiers::slot(std::uint64_t id) const {
  const Extent* extent = flash_.find(id);
  return extent ? std::optional(extent->slot) : std::nullopt;
}

std::optional<std::uint32_t> Tiers::slot_to_read(std::uint64_t id) const {
  if (memory_.contains(id)) return std::nullopt;
  const Extent* extent = flash_.find(id);
  return extent && extent->complete ? std::optional(extent->slot) : std::nullopt;
}

}  // namespace kairo::trace
