// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace kairo::trace {
namespace {

using hint::Class;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kSecond = 1000 * kMs;
constexpr std::uint64_t kPage = 64 * 1024;
constexpr std::uint64_t kBlock = 2 * kPage;

// Blocks of two 64 KiB pages; 512 tokens/s of prefill: one second per block; an empty drive.
SimulatorOptions small() {
  SimulatorOptions options;
  options.geometry = *make_geometry({.scale = 2.0 / 1024});
  options.memory_blocks = 0;
  options.flash_slots = 64;
  options.used_before = false;
  options.duration_ns = 1000 * kSecond;
  options.prefill_tokens_per_s = 512;
  options.prefill_workers = 1;
  return options;
}

// One request per line: "ms input output id id ...".
Arrivals arrivals(const std::vector<std::string>& requests) {
  std::string text;
  for (const std::string& request : requests) {
    std::istringstream in(request);
    std::uint64_t ms = 0, input = 0, output = 0, id = 0;
    in >> ms >> input >> output;
    std::string ids;
    while (in >> id) ids += (ids.empty() ? "" : ",") + std::to_string(id);
    text += fmt::format(
        "{{\"timestamp\":{},\"input_length\":{},\"output_length\":{},\"hash_ids\":[{}]}}\n", ms,
        input, output, ids);
  }
  auto reader = RequestReader::from_stream(std::make_unique<std::istringstream>(text), "t");
  EXPECT_TRUE(reader) << reader.error().message;
  return Arrivals(std::move(*reader), 0, 1);
}

Simulation run(const std::vector<std::string>& requests, const SimulatorOptions& options) {
  auto result = simulate(arrivals(requests), options);
  EXPECT_TRUE(result) << result.error().message;
  return result ? std::move(*result) : Simulation{};
}

// "ms class slot+offset/length" of each record, pages as unit.
std::vector<std::string> show(const Simulation& simulation) {
  std::vector<std::string> out;
  for (const auto& r : simulation.records)
    out.push_back(fmt::format("{} {} {}.{}/{}", r.time_ns / kMs, hint::name(r.cls),
                              r.offset / kBlock, r.offset % kBlock / kPage, r.length / kPage));
  return out;
}

TEST(Simulator, ComputedBlocksAreWrittenWhenTheyAreDone) {
  const Simulation s = run({"0 1024 1 7 8"}, small());
  EXPECT_THAT(show(s), ElementsAre("1000 prefill 0.0/2", "2000 prefill 1.0/2"));
  EXPECT_EQ(s.window.blocks, 2U);
  EXPECT_EQ(s.window.computed, 2U);
}

TEST(Simulator, WritesAreSplitAndSpreadOverTheComputation) {
  SimulatorOptions options = small();
  options.prefill_bytes = kPage;
  EXPECT_THAT(show(run({"0 512 1 7"}, options)),
              ElementsAre("500 prefill 0.0/1", "1000 prefill 0.1/1"));
}

TEST(Simulator, APartialBlockTakesItsShareOfTimeAndAWholeExtent) {
  EXPECT_THAT(show(run({"0 256 1 7"}, small())), ElementsAre("500 prefill 0.0/2"));
}

TEST(Simulator, RequestsWaitForAFreePrefillWorker) {
  const Simulation s = run({"0 512 1 7", "100 512 1 8"}, small());
  EXPECT_THAT(show(s), ElementsAre("1000 prefill 0.0/2", "2000 prefill 1.0/2"));
  EXPECT_EQ(s.prefill_waits, 1U);
  EXPECT_EQ(s.longest_prefill_wait_ns, 900 * kMs);
  SimulatorOptions two = small();
  two.prefill_workers = 2;
  EXPECT_THAT(show(run({"0 512 1 7", "100 512 1 8"}, two)),
              ElementsAre("1000 prefill 0.0/2", "1100 prefill 1.0/2"));
}

TEST(Simulator, FlashHitsArePrefetchedAtTheirPace) {
  SimulatorOptions options = small();
  options.prefetch_bytes = kPage;
  options.prefetch_bytes_per_s = 10 * kPage;  // a page every 100 ms
  const Simulation s = run({"0 1024 1 7 8", "5000 1024 1 7 8"}, options);
  EXPECT_THAT(show(s),
              ElementsAre("1000 prefill 0.0/2", "2000 prefill 1.0/2", "5000 prefetch 0.0/1",
                          "5100 prefetch 0.1/1", "5200 prefetch 1.0/1", "5300 prefetch 1.1/1"));
  EXPECT_EQ(s.window.flash, 2U);
  EXPECT_EQ(s.window.computed, 2U);
}

TEST(Simulator, MemoryHitsCostNothing) {
  SimulatorOptions options = small();
  options.memory_blocks = 2;
  const Simulation s = run({"0 1024 1 7 8", "5000 1024 1 7 8"}, options);
  EXPECT_EQ(s.records.size(), 2U);  // the writes
  EXPECT_EQ(s.window.memory, 2U);
}

TEST(Simulator, BlocksBeingComputedAreShared) {
  const Simulation s = run({"0 1024 1 7 8", "500 1024 1 7 8"}, small());
  EXPECT_EQ(s.records.size(), 2U);
  EXPECT_EQ(s.window.in_flight, 2U);
}

// Reuse ends at the first block that is nowhere.
TEST(Simulator, OnlyAPrefixIsReused) {
  const Simulation s = run({"0 512 1 8", "5000 1024 1 7 8"}, small());
  EXPECT_EQ(s.window.computed, 3U);
  EXPECT_EQ(s.window.flash, 0U);
  // 8 is computed again, but its extent is still good.
  EXPECT_THAT(show(s), ElementsAre("1000 prefill 0.0/2", "6000 prefill 1.0/2"));
}

TEST(Simulator, TheLeastRecentlyUsedExtentIsDiscardedBeforeItIsNeeded) {
  SimulatorOptions options = small();
  options.flash_slots = 4;  // one in reserve: three blocks fit
  const Simulation s = run({"0 512 1 1", "2000 512 1 2", "4000 512 1 3", "6000 512 1 1",
                            "8000 512 1 4", "10000 512 1 2"},
                           options);
  EXPECT_THAT(show(s),
              ElementsAre("1000 prefill 0.0/2", "3000 prefill 1.0/2", "5000 prefill 2.0/2",
                          "6000 prefetch 0.0/2", "9000 evict 1.0/2", "9000 prefill 3.0/2",  //
                          "11000 evict 2.0/2", "11000 prefill 1.0/2"));
}

TEST(Simulator, AUsedDriveEvictsForEveryWrite) {
  SimulatorOptions options = small();
  options.used_before = true;
  options.flash_slots = 4;
  const Simulation s = run({"0 512 1 1", "1500 512 1 2", "3000 512 1 3"}, options);
  EXPECT_THAT(show(s), ElementsAre("1000 evict 1.0/2", "1000 prefill 0.0/2", "2500 evict 2.0/2",
                                   "2500 prefill 1.0/2", "4000 evict 3.0/2", "4000 prefill 2.0/2"));
}

TEST(Simulator, DecodeReadsPagesOutsideMemory) {
  SimulatorOptions options = small();
  options.tpot_ns = 100 * kMs;
  options.decode_read_fraction = 0.5;  // of two blocks of two pages: two per token
  const Simulation s = run({"0 1024 4 7 8"}, options);
  ASSERT_EQ(s.decode_tokens, 3U);  // prefill gives the first token
  std::vector<std::uint64_t> times;
  for (const auto& r : s.records) {
    if (r.cls != Class::kDecode) continue;
    times.push_back(r.time_ns / kMs);
    EXPECT_EQ(r.length, kPage);
    EXPECT_LT(r.offset, 2 * kBlock);
  }
  EXPECT_EQ(times.size(), 6U);
  EXPECT_EQ(times.front(), 2100U);
  EXPECT_EQ(times.back(), 2300U);

  options.memory_blocks = 1;  // holds the first block, used last
  const Simulation half = run({"0 1024 4 7 8"}, options);
  EXPECT_EQ(half.records.size(), 2U + 3U);
  for (const auto& r : half.records) {
    if (r.cls == Class::kDecode) {
      EXPECT_EQ(r.offset / kBlock, 1U);
    }
  }
  options.memory_blocks = 2;
  EXPECT_EQ(run({"0 1024 4 7 8"}, options).records.size(), 2U);
}

TEST(Simulator, GeneratedTokensFillBlocks) {
  SimulatorOptions options = small();
  options.tpot_ns = 10 * kMs;
  // 500 of 512 tokens in the prompt's block; steps 1..1100 add one each: blocks are full at steps
  // 12 + 512 and 12 + 1024.
  const Simulation s = run({"0 500 1101 7"}, options);
  EXPECT_EQ(s.appended_blocks, 2U);
  ASSERT_EQ(s.records.size(), 3U);
  const std::uint64_t decode_begin = s.records[0].time_ns;  // prompt computed
  EXPECT_EQ(s.records[1].time_ns, decode_begin + (12 + 512 + 1) * 10 * kMs);
  EXPECT_EQ(s.records[2].time_ns, decode_begin + (12 + 1024 + 1) * 10 * kMs);
  EXPECT_EQ(run({"0 500 1036 7"}, options).appended_blocks, 1U);  // step 1035 is the last
}

TEST(Simulator, WhatIsBeforeTheWindowOnlyWarmsTheTiers) {
  SimulatorOptions options = small();
  options.begin_ns = 4 * kSecond;
  options.duration_ns = 2 * kSecond;
  options.time_scale = 2;
  const Simulation s = run({"0 1024 1 7 8", "5000 1024 1 7 8", "9000 512 1 9"}, options);
  EXPECT_THAT(show(s), ElementsAre("500 prefetch 0.0/2", "500 prefetch 1.0/2"));
  EXPECT_EQ(s.before.computed, 2U);
  EXPECT_EQ(s.window.requests, 1U);
  EXPECT_EQ(s.records[0].session, 1U);
}

TEST(Simulator, DecodeOfAnEarlierRequestGoesOnInTheWindow) {
  SimulatorOptions options = small();
  options.tpot_ns = 100 * kMs;
  options.decode_read_fraction = 0.5;  // one page per token
  options.begin_ns = 1050 * kMs;
  options.duration_ns = 500 * kMs;
  const Simulation s = run({"0 512 1000 7"}, options);
  EXPECT_EQ(s.decode_tokens, 5U);  // at 1.1 .. 1.5 s
  ASSERT_EQ(s.records.size(), 5U);
  EXPECT_EQ(s.records[0].time_ns, 50 * kMs);
}

TEST(Simulator, AFlashTierThatIsTooSmallGivesUpAndSaysSo) {
  SimulatorOptions options = small();
  options.flash_slots = 2;  // one block fits
  options.prefill_workers = 2;
  options.prefill_bytes = kPage;
  const Simulation s = run({"0 512 1 1", "100 512 1 2"}, options);
  EXPECT_EQ(s.writes_given_up, 1U);
}

TEST(Simulator, RefusesMoreRecordsThanAllowed) {
  SimulatorOptions options = small();
  options.max_records = 1;
  const auto s = simulate(arrivals({"0 1024 1 7 8"}), options);
  ASSERT_FALSE(s);
  EXPECT_EQ(s.error().code, base::ErrorCode::kUsage);
  EXPECT_THAT(s.error().message, HasSubstr("more than 1 I/Os in the window (give a shorter"));
}

TEST(Simulator, EndsAndSurvivesExtremeValues) {
  SimulatorOptions options = small();
  options.prefill_tokens_per_s = 1;
  options.prefetch_bytes_per_s = 1;
  options.time_scale = 1e6;
  options.tpot_ns = 60 * kSecond;
  options.duration_ns = 1ULL << 58;
  std::string big = "0 16777216 200000";
  for (int i = 0; i < 32768; ++i) big += " " + std::to_string(i);
  std::string later = "100000000000" + big.substr(1);
  const auto s = simulate(arrivals({big, later}), options);
  ASSERT_TRUE(s) << s.error().message;
  for (std::size_t i = 1; i < s->records.size(); ++i)
    ASSERT_LE(s->records[i - 1].time_ns, s->records[i].time_ns);
}

}  // namespace
}  // namespace kairo::trace
