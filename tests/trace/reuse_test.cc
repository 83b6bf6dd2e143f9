// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/reuse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "kairo/trace/lru.h"
#include "kairo/trace/report.h"
#include "kairo/trace/sample.h"

namespace kairo::trace {
namespace {

using testing::ElementsAre;

TEST(StackDistance, KnownAnswers) {
  StackDistance distance;
  EXPECT_FALSE(distance.use('a'));
  EXPECT_FALSE(distance.use('b'));
  EXPECT_FALSE(distance.use('c'));
  EXPECT_EQ(distance.use('a'), 3U);  // b, c and a itself
  EXPECT_EQ(distance.use('a'), 1U);
  EXPECT_EQ(distance.use('b'), 3U);
  EXPECT_EQ(distance.use('a'), 2U);
  EXPECT_EQ(distance.unique(), 3U);
}

// An LRU cache of n blocks hits exactly the references with a distance of at most n.
TEST(StackDistance, AgreesWithLruCaches) {
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    std::mt19937 random(seed);
    constexpr std::size_t kSizes[] = {1, 2, 7, 64, 300};
    LruMap<int> cache[5];
    StackDistance distance;
    for (int i = 0; i < 6000; ++i) {  // longer than the tree: compacts several times
      const std::uint64_t id = std::min(random() % 500, random() % 500);
      const auto found = distance.use(id);
      for (std::size_t c = 0; c < 5; ++c) {
        const bool hit = cache[c].touch(id);
        ASSERT_EQ(hit, found && *found <= kSizes[c]) << i << " size " << kSizes[c];
        if (hit) continue;
        if (cache[c].size() == kSizes[c]) cache[c].pop();
        cache[c].insert(id, 0);
      }
    }
  }
}

base::Result<Reuse> measure(const std::string& text) {
  KAIRO_TRY(auto reader,
            RequestReader::from_stream(std::make_unique<std::istringstream>(text), "t"));
  return measure_reuse(std::move(reader));
}

TEST(Reuse, KnownAnswers) {
  const auto r =
      measure(R"({"timestamp":0,"input_length":1536,"output_length":10,"hash_ids":[0,1,2]})"
              "\n"
              R"({"timestamp":1000,"input_length":1024,"output_length":20,"hash_ids":[0,3]})"
              "\n"
              R"({"timestamp":3000,"input_length":2000,"output_length":30,"hash_ids":[0,1,2,4]})"
              "\n");
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(r->requests, 3U);
  EXPECT_EQ(r->blocks, 9U);
  EXPECT_EQ(r->unique, 5U);
  EXPECT_EQ(r->reused(), 4U);
  EXPECT_EQ(r->used_once, 2U);  // 3 and 4
  EXPECT_EQ(r->most_used, 3U);
  EXPECT_EQ(r->longest_prompt, 4U);
  EXPECT_THAT(r->distances, ElementsAre(2, 3, 4, 4));
  EXPECT_THAT(r->gaps_ns, ElementsAre(1'000'000'000, 2'000'000'000, 3'000'000'000, 3'000'000'000));
  EXPECT_THAT(r->shared_prefix, ElementsAre(0, 1, 3));
  EXPECT_EQ(r->fully_shared, 2U);
  EXPECT_EQ(r->same_parent, 4U);
  EXPECT_EQ(r->hits(3), 2U);
  EXPECT_EQ(r->hits(4), 4U);
  EXPECT_EQ(r->cache_for(1), 2U);
  EXPECT_EQ(r->cache_for(4), 4U);
  EXPECT_EQ(r->cache_for(0), 0U);
}

TEST(Reuse, ABlockBehindAnotherParentIsNotStable) {
  const auto r = measure(R"({"timestamp":0,"input_length":1024,"output_length":1,"hash_ids":[0,1]})"
                         "\n"
                         R"({"timestamp":0,"input_length":1024,"output_length":1,"hash_ids":[2,1]})"
                         "\n");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->reused(), 1U);
  EXPECT_EQ(r->same_parent, 0U);
  EXPECT_THAT(r->shared_prefix, ElementsAre(0, 0));
}

// The curve rises to the hit rate of a cache without limits; memory and flash together catch all.
TEST(Reuse, CurveAndFlashNeedsAreConsistent) {
  const auto r = measure(make_sample(300, 5));
  ASSERT_TRUE(r) << r.error().message;
  const auto g = make_geometry({});
  ASSERT_TRUE(g);
  const auto json = to_json(*r, *g);
  double last = 0;
  for (const auto& point : json["curve"]) {
    EXPECT_GE(point["hit_rate"].get<double>(), last);
    last = point["hit_rate"].get<double>();
  }
  EXPECT_DOUBLE_EQ(last, json["hit_rate"].get<double>());
  for (const auto& need : json["flash_needs"]) {
    EXPECT_LE(need["flash_bytes_for_50_percent"], need["flash_bytes_for_90_percent"]);
    EXPECT_LE(need["flash_bytes_for_90_percent"], need["flash_bytes_for_all"]);
  }
  EXPECT_EQ(json["flash_needs"].back()["flash_bytes_for_all"], 0);
  EXPECT_TRUE(json["generated"].get<bool>());
}

TEST(Reuse, AzureTellsNothingAboutReuse) {
  const auto r = measure("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,2000,10\n");
  ASSERT_TRUE(r);
  const auto g = make_geometry({});
  EXPECT_TRUE(to_json(*r, *g)["hit_rate"].is_null());
  EXPECT_TRUE(to_json(*r, *g)["curve"].is_null());
  EXPECT_THAT(to_text(*r, *g), testing::HasSubstr("reuse       n/a"));
}

TEST(Quantile, TakesTheElementAtFloor) {
  const std::vector<int> ten = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(quantile(ten, 0.0), 0);
  EXPECT_EQ(quantile(ten, 0.5), 5);
  EXPECT_EQ(quantile(ten, 0.99), 9);
  EXPECT_EQ(quantile(ten, 1.0), 9);
}

}  // namespace
}  // namespace kairo::trace
