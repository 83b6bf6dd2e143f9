// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/tiers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::trace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Tiers::Placement write(Tiers& tiers, std::uint64_t id) {
  EXPECT_TRUE(tiers.announce(id));
  auto placement = tiers.place(id);
  tiers.complete(id);
  return placement;
}

TEST(Tiers, ABlockGoesFromNowhereOverFlightToFlash) {
  Tiers tiers(0, 8, false);
  EXPECT_EQ(tiers.where(5), Where::kNowhere);
  EXPECT_TRUE(tiers.announce(5));
  EXPECT_FALSE(tiers.announce(5));
  EXPECT_EQ(tiers.where(5), Where::kInFlight);
  tiers.place(5);
  EXPECT_EQ(tiers.where(5), Where::kInFlight);
  EXPECT_FALSE(tiers.slot_to_read(5));
  tiers.complete(5);
  EXPECT_EQ(tiers.where(5), Where::kFlash);
  EXPECT_EQ(tiers.slot_to_read(5), tiers.slot(5));
  EXPECT_FALSE(tiers.announce(5));
}

TEST(Tiers, MemoryDropsTheLeastRecentlyUsed) {
  Tiers tiers(2, 8, false);
  for (const std::uint64_t id : {1U, 2U, 3U}) write(tiers, id);
  tiers.use(1);
  tiers.use(2);
  tiers.use(1);
  tiers.use(3);  // 2 leaves
  EXPECT_EQ(tiers.where(1), Where::kMemory);
  EXPECT_EQ(tiers.where(2), Where::kFlash);
  EXPECT_EQ(tiers.where(3), Where::kMemory);
  EXPECT_FALSE(tiers.slot_to_read(1));
  EXPECT_TRUE(tiers.slot_to_read(2));
}

TEST(Tiers, FlashEvictsTheLeastRecentlyUsedAndRestsItsSlot) {
  Tiers tiers(0, 4, false);  // one slot in reserve: three blocks fit
  std::vector<std::uint32_t> slots;
  for (const std::uint64_t id : {1U, 2U, 3U}) {
    const auto placement = write(tiers, id);
    EXPECT_THAT(placement.evicted, IsEmpty());
    slots.push_back(placement.slot);
  }
  tiers.use(1);
  const auto fourth = write(tiers, 4);
  EXPECT_THAT(fourth.evicted, ElementsAre(slots[1]));  // block 2
  EXPECT_NE(fourth.slot, slots[1]);                    // its slot rests
  EXPECT_EQ(tiers.where(2), Where::kNowhere);
  const auto fifth = write(tiers, 5);
  EXPECT_THAT(fifth.evicted, ElementsAre(slots[2]));
  EXPECT_EQ(fifth.slot, slots[1]);
  EXPECT_EQ(tiers.where(1), Where::kFlash);
}

TEST(Tiers, AUsedDriveGivesUpItsOlderBlocksFirst) {
  Tiers tiers(0, 4, true);  // slot 0 is the reserve, and free already
  EXPECT_THAT(write(tiers, 1).evicted, ElementsAre(1U));
  EXPECT_THAT(write(tiers, 2).evicted, ElementsAre(2U));
  EXPECT_THAT(write(tiers, 3).evicted, ElementsAre(3U));
  const auto first = *tiers.slot(1);
  EXPECT_THAT(write(tiers, 4).evicted, ElementsAre(first));
}

// From the first write on, whatever the size: nobody lets a reserve run empty at the moment in
// which a trace begins.
TEST(Tiers, AUsedDriveEvictsOncePerWrite) {
  for (const std::uint32_t slots : {2U, 3U, 63U, 64U, 65U, 128U, 8192U}) {
    Tiers tiers(0, slots, true);
    for (std::uint64_t id = 0; id < 3ULL * slots; ++id)
      ASSERT_EQ(write(tiers, id).evicted.size(), 1U) << slots << " slots, write " << id;
  }
}

TEST(Tiers, OneSlotStillWorks) {
  Tiers tiers(0, 1, false);
  EXPECT_THAT(write(tiers, 1).evicted, IsEmpty());
  EXPECT_THAT(write(tiers, 2).evicted, ElementsAre(0U));
  EXPECT_EQ(tiers.blocks_on_flash(), 1U);
  EXPECT_EQ(tiers.where(1), Where::kNowhere);
}

}  // namespace
}  // namespace kairo::trace
