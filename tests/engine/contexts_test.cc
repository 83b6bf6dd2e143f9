// SPDX-License-Identifier: GPL-2.0-only
// Which contexts a job's metadata is, and which of them an I/O gets.
#include "contexts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace kairo::engine {
namespace {

// Registers what is wanted with the ids 1, 2, ...
Contexts registered(const MetadataSources& from, std::uint64_t seed = 1) {
  Contexts contexts(from, seed);
  std::vector<std::uint16_t> ids(contexts.wanted().size());
  std::iota(ids.begin(), ids.end(), std::uint16_t{1});
  contexts.set_ids(ids);
  return contexts;
}

TEST(Contexts, NothingSaidIsNoContext) {
  Contexts contexts = registered({});
  EXPECT_TRUE(contexts.wanted().empty());
  EXPECT_FALSE(contexts.varies());
  EXPECT_EQ(contexts.of_job(), 0);
}

TEST(Contexts, WhatTheJobSaysIsOneContext) {
  Contexts contexts = registered({.job = {7, 11, 3, 2, Lifetime::kSession, 100}, .sessions = {}});
  ASSERT_EQ(contexts.wanted().size(), 1U);
  const kairo_context_info& info = contexts.wanted()[0];
  EXPECT_EQ(info.model, 7U);
  EXPECT_EQ(info.session, 11U);
  EXPECT_EQ(info.cache_pool, 3U);
  EXPECT_EQ(info.placement_group, 2U);
  EXPECT_EQ(info.lifetime, KAIRO_LIFETIME_SESSION);
  EXPECT_EQ(info.flags, KAIRO_CONTEXT_RECOMPUTABLE);
  EXPECT_EQ(info.weight, 0U);  // the kernel's default
  EXPECT_FALSE(contexts.varies());
  EXPECT_EQ(contexts.of_job(), 1);
}

TEST(Contexts, APartThatCanBeComputedAgainIsASecondContext) {
  Contexts contexts = registered({.job = {7, 0, 0, 0, Lifetime::kNone, 30}, .sessions = {}});
  ASSERT_EQ(contexts.wanted().size(), 2U);
  EXPECT_EQ(contexts.wanted()[0].flags, 0);
  EXPECT_EQ(contexts.wanted()[1].flags, KAIRO_CONTEXT_RECOMPUTABLE);
  EXPECT_TRUE(contexts.varies());
  constexpr int kDraws = 100'000;
  int again = 0;
  for (int i = 0; i < kDraws; ++i) again += contexts.of_job() == 2 ? 1 : 0;
  EXPECT_NEAR(again, kDraws * 0.3, 5 * std::sqrt(kDraws * 0.3 * 0.7));
}

TEST(Contexts, SessionsAreDrawnByTheirShare) {
  Contexts even = registered({.job = {}, .sessions = Sessions{4, {}}});
  ASSERT_EQ(even.wanted().size(), 4U);
  EXPECT_EQ(even.sessions(), 4U);
  EXPECT_EQ(even.wanted()[3].session, 4U);
  constexpr int kDraws = 100'000;
  std::array<int, 5> count = {};
  for (int i = 0; i < kDraws; ++i) ++count[even.of_job()];
  EXPECT_EQ(count[0], 0);
  for (std::size_t session = 1; session <= 4; ++session)
    EXPECT_NEAR(count[session], 25'000, 5 * 137);

  // 1, 1/4, 1/9 of a sum of 1.3611.
  Contexts zipf = registered({.job = {}, .sessions = Sessions{3, 2.0}});
  count = {};
  for (int i = 0; i < kDraws; ++i) ++count[zipf.of_job()];
  EXPECT_NEAR(count[1], kDraws / 1.361111, 5 * 140);
  EXPECT_NEAR(count[2], kDraws / 4.0 / 1.361111, 5 * 140);
  EXPECT_NEAR(count[3], kDraws / 9.0 / 1.361111, 5 * 140);
}

TEST(Contexts, TheMostUsedSessionsOfManyHaveContexts) {
  Contexts contexts = registered(
      {.job = {7, 0, 0, 0, Lifetime::kNone, 0}, .sessions = Sessions{4'000'000'000, {}}});
  EXPECT_EQ(contexts.sessions(), Contexts::kMostForSessions);
  // The model of the others is still known.
  EXPECT_EQ(contexts.wanted().size(), Contexts::kMostForSessions + 1);
  EXPECT_EQ(contexts.wanted().back().model, 7U);
  EXPECT_EQ(contexts.wanted().back().session, 0U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(contexts.of_job(), Contexts::kMostForSessions + 1);
  EXPECT_EQ(contexts.ios_without_session(), 1000U);

  // The share of the first 1000 of 1e6 with exponent 1.1, summed independently: 0.808.
  Contexts zipf = registered({.job = {}, .sessions = Sessions{1'000'000, 1.1}});
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) zipf.of_job();
  double all = 0;
  double first = 0;
  for (int k = 1; k <= 1'000'000; ++k) {
    all += std::pow(k, -1.1);
    if (k == 1000) first = all;
  }
  EXPECT_NEAR(static_cast<double>(zipf.ios_without_session()) / kDraws, 1 - first / all, 0.007);
  // Beyond what is summed term by term.
  Contexts more = registered({.job = {}, .sessions = Sessions{3'000'000, 1.1}});
  for (int i = 0; i < kDraws; ++i) more.of_job();
  for (int k = 1'000'001; k <= 3'000'000; ++k) all += std::pow(k, -1.1);
  EXPECT_NEAR(static_cast<double>(more.ios_without_session()) / kDraws, 1 - first / all, 0.007);
}

TEST(Contexts, SameSeedSameSessions) {
  Contexts a = registered({.job = {}, .sessions = Sessions{100, 1.2}}, 5);
  Contexts b = registered({.job = {}, .sessions = Sessions{100, 1.2}}, 5);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(a.of_job(), b.of_job());
}

TEST(Contexts, ARangeSaysWhatItSaysAndTheJobTheRest) {
  auto map = parse_hint_map(
      "0,64k,decode,1,5,2,session,0\n64k,128k,prefetch,,6\n128k,192k,decode,1,5,2,session\n"
      "192k,256k,normal\n",
      "m");
  ASSERT_TRUE(map) << map.error().message;
  ASSERT_TRUE(map->bind({"f"}));
  Contexts contexts =
      registered({.job = {9, 0, 0, 4, Lifetime::kNone, 0}, .sessions = {}, .map = &*map});
  // The job's, two of ranges; the first and the third are the same, the last says nothing.
  ASSERT_EQ(contexts.wanted().size(), 3U);
  EXPECT_TRUE(contexts.varies());
  const auto of = [&](std::uint64_t offset) {
    const auto id = contexts.of_range(map->find(0, offset));
    return contexts.wanted().at(id - 1U);
  };
  EXPECT_EQ(of(0).model, 1U);
  EXPECT_EQ(of(0).placement_group, 4U);
  EXPECT_EQ(of(0).lifetime, KAIRO_LIFETIME_SESSION);
  EXPECT_EQ(contexts.of_range(map->find(0, 0)), contexts.of_range(map->find(0, 131072)));
  EXPECT_EQ(of(65536).model, 9U);
  EXPECT_EQ(of(65536).session, 6U);
  EXPECT_EQ(of(196608).model, 9U);
  EXPECT_EQ(of(196608).session, 0U);
  EXPECT_EQ(contexts.of_range(nullptr), contexts.of_job());
}

TEST(Contexts, SessionsOfAWorkloadByTheirIo) {
  std::vector<Record> records;
  const auto add = [&](std::uint32_t session, std::size_t ios, hint::Class cls) {
    records.insert(records.end(), ios, {0, 0, 4096, session, cls});
  };
  for (std::uint32_t session = 0; session < 1500; ++session)
    add(session, 1 + session % 2, hint::Class::kDecode);
  add(5000, 100, hint::Class::kEvict);  // discards carry nothing
  Contexts contexts = registered({.job = {}, .sessions = {}, .records = &records});
  EXPECT_EQ(contexts.sessions(), Contexts::kMostForSessions);
  EXPECT_EQ(contexts.wanted().size(), Contexts::kMostForSessions);
  EXPECT_TRUE(contexts.varies());
  // The odd ones have two I/Os each and come first, then the even ones by number.
  for (const auto& [session, has] :
       {std::pair{1499U, true}, {0U, true}, {498U, true}, {500U, false}})
    EXPECT_EQ(contexts.of_session(session) != 0, has) << session;
  EXPECT_EQ(contexts.of_session(5000), 0);
  EXPECT_EQ(contexts.ios_without_session(), 2U);
  const std::uint16_t id = contexts.of_session(3);
  EXPECT_EQ(contexts.wanted().at(id - 1U).session, 3U);

  // Two contexts for each session: half as many sessions.
  Contexts half =
      registered({.job = {0, 0, 0, 0, Lifetime::kNone, 50}, .sessions = {}, .records = &records});
  EXPECT_EQ(half.sessions(), Contexts::kMostForSessions / 2);
  EXPECT_EQ(half.wanted().size(), Contexts::kMostForSessions + 2);
}

}  // namespace
}  // namespace kairo::engine
