// SPDX-License-Identifier: GPL-2.0-only
// What people feed the readers: each published format in the variants that are found, and the
// edges of every field.
#include "kairo/trace/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "all_requests.h"
#include "kairo/trace/reader.h"
#include "kairo/trace/reuse.h"

namespace kairo::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kSecond = 1000 * kMs;
const std::filesystem::path kFixtures =
    std::filesystem::path(KAIRO_SOURCE_DIR) / "tests/fixtures/traces";

std::vector<Request> fixture(std::string_view name, std::uint32_t block_tokens = 0) {
  const auto all = all_requests(RequestReader::open(kFixtures / name, nullptr, block_tokens));
  EXPECT_TRUE(all) << all.error().message;
  return all.value_or(std::vector<Request>());
}

std::string format_of(std::string_view name) {
  const auto reader = RequestReader::open(kFixtures / name);
  return reader ? std::string(reader->format().name) : reader.error().message;
}

std::vector<std::uint64_t> times(const std::vector<Request>& requests) {
  std::vector<std::uint64_t> out;
  for (const Request& request : requests) out.push_back(request.time_ns);
  return out;
}

std::string mooncake(std::string_view timestamp, std::string_view ids = "[1]",
                     std::string_view input = "5") {
  return fmt::format(
      "{{\"timestamp\": {}, \"input_length\": {}, \"output_length\": 3, \"hash_ids\": {}}}\n",
      timestamp, input, ids);
}

std::string azure(std::string_view timestamp) {
  return fmt::format("{},5,6\n", timestamp);
}

constexpr const char* kAzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

TEST(Formats, AreTakenFromTheFirstLine) {
  EXPECT_EQ(format_of("generated-12.jsonl"), "mooncake");
  EXPECT_EQ(format_of("mooncake-float-ms.jsonl"), "mooncake");
  EXPECT_EQ(format_of("bailian.jsonl"), "bailian");
  EXPECT_EQ(format_of("bailian-whole-seconds.jsonl"), "bailian");
  EXPECT_EQ(format_of("azure2024-mixed.csv"), "azure");
  EXPECT_EQ(format_of("azure2025-images.csv"), "azure");
  EXPECT_EQ(format_of("azure-quoted.csv"), "azure");
  EXPECT_EQ(format_of("burstgpt.csv"), "burstgpt");
  EXPECT_EQ(format_of("out-of-order.jsonl.gz"), "mooncake");
}

TEST(Formats, HaveNamesThatTheOptionKnows) {
  for (const FormatInfo* format : formats()) {
    const auto found = find_format(format->name);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, format);
  }
  EXPECT_EQ(*find_format("auto"), nullptr);
  const auto unknown = find_format("csv");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, base::ErrorCode::kUsage);
  EXPECT_THAT(unknown.error().message, HasSubstr("bailian, mooncake, azure, burstgpt"));
}

// Seconds without a fraction look like milliseconds; the fields of the record tell.
TEST(Bailian, CountsInSecondsAndBlocksOf16Tokens) {
  const auto whole = fixture("bailian-whole-seconds.jsonl");
  ASSERT_EQ(whole.size(), 3U);
  EXPECT_THAT(times(whole), ElementsAre(0, 2 * kSecond, 61 * kSecond));
  EXPECT_THAT(whole[0].blocks, ElementsAre(0, 1, 2));
  EXPECT_THAT(whole[2].blocks, ElementsAre(0, 1, 6, 7, 8));
  EXPECT_EQ(whole[0].chat, 7U);
  EXPECT_FALSE(whole[0].parent_chat);
  EXPECT_EQ(whole[2].chat, 9U);
  EXPECT_EQ(whole[2].parent_chat, 7U);
  EXPECT_EQ(times(fixture("bailian-whole-seconds.jsonl", 16)), times(whole));
  EXPECT_THAT(times(fixture("bailian.jsonl")), ElementsAre(0, 2286 * kMs, 60'900 * kMs));
}

TEST(Bailian, ConversationsAreThoseOfTheParents) {
  auto reader = RequestReader::open(kFixtures / "bailian.jsonl");
  ASSERT_TRUE(reader) << reader.error().message;
  const auto reuse = measure_reuse(std::move(*reader));
  ASSERT_TRUE(reuse) << reuse.error().message;
  EXPECT_EQ(reuse->conversations, 2U);
  EXPECT_EQ(reuse->next_turns, 1U);
  EXPECT_THAT(reuse->turn_gaps_ns, ElementsAre(60'900 * kMs));
  EXPECT_EQ(reuse->reused(), 2U);
}

std::string bailian(std::string_view ids, std::size_t blocks, std::string_view more = "") {
  return fmt::format(
      "{{\"chat_id\":1,\"timestamp\":1,\"input_length\":{},\"output_length\":1,\"hash_ids\":{}{}}}"
      "\n",
      blocks * 16, ids, more);
}

// Its ids are hashes of single blocks: the same text behind another prefix has other KV.
TEST(Bailian, AnIdBehindAnotherPrefixIsAnotherBlock) {
  const auto all = read(bailian("[5,6,5]", 3) + bailian("[6,5]", 2) + bailian("[5,6,6]", 3));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_THAT((*all)[0].blocks, ElementsAre(0, 1, 2));  // an id may come twice
  EXPECT_THAT((*all)[1].blocks, ElementsAre(3, 4));
  EXPECT_THAT((*all)[2].blocks, ElementsAre(0, 1, 5));
}

TEST(Bailian, OptionalFields) {
  for (const char* more : {"", ",\"parent_chat_id\":-1", ",\"parent_chat_id\":null",
                           ",\"type\":\"image\",\"turn\":1"}) {
    const auto all = read(bailian("[1]", 1, more));
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_FALSE((*all)[0].parent_chat) << more;
  }
  EXPECT_EQ((*read(bailian("[1]", 1, ",\"parent_chat_id\":0")))[0].parent_chat, 0U);
  const auto bad = read(bailian("[1]", 1, ",\"parent_chat_id\":\"7\""));
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("t:1: \"parent_chat_id\" is \"7\", not a whole"));
  const auto none = read(
      "{\"turn\":1,\"timestamp\":1,\"input_length\":0,\"output_length\":1,"
      "\"hash_ids\":[]}\n");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("t:1: the record has no \"chat_id\""));
}

TEST(Bailian, IsNeverReadAsMilliseconds) {
  const auto all = read(bailian("[1]", 1), *find_format("mooncake"));
  ASSERT_FALSE(all);
  EXPECT_THAT(all.error().message, HasSubstr("t:1: \"chat_id\" is a field of Bailian's records"));
  const auto later = read(mooncake("0") + bailian("[1]", 1));
  ASSERT_FALSE(later);
  EXPECT_THAT(later.error().message, HasSubstr("t:2: \"chat_id\" is a field of Bailian's"));
}

TEST(Mooncake, TimesMayBeBrokenOrNegative) {
  EXPECT_THAT(times(fixture("mooncake-float-ms.jsonl")), ElementsAre(0, 12'500'000, 4'000'250'000));
  EXPECT_THAT(times(fixture("negative.jsonl")), ElementsAre(0, 1150 * kMs));
  const auto all = read(mooncake("-1.5") + mooncake("-0.25") + mooncake("0") + mooncake("2"));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_THAT(times(*all), ElementsAre(0, 1'250'000, 1'500'000, 3'500'000));
}

// Also where a double no longer holds nanoseconds, whole and broken numbers agree.
TEST(Mooncake, TimesSince1970AreExact) {
  const auto all =
      read(mooncake("1715472000000") + mooncake("1715472000000.0") + mooncake("1715472000000.5") +
           mooncake("1715472000001") + mooncake("1715472060001.0"));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_THAT(times(*all), ElementsAre(0, 0, 500'000, kMs, 60'001 * kMs));
}

TEST(Mooncake, TimesOfRandomTracesComeOutAsTheyWentIn) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    std::vector<std::uint64_t> expected;
    const std::int64_t first = static_cast<std::int64_t>(random() % 4'000'000) - 2'000'000;
    std::int64_t quarters = first;  // of a millisecond
    for (int i = 0; i < 20; ++i) {
      expected.push_back(static_cast<std::uint64_t>(quarters - first) * 250'000);
      text +=
          mooncake(quarters % 4 == 0 ? fmt::format("{}", quarters / 4)
                                     : fmt::format("{:.2f}", static_cast<double>(quarters) / 4));
      quarters += static_cast<std::int64_t>(random() % 9);
    }
    const auto all = read(text);
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(times(*all), expected);
  }
}

TEST(Mooncake, IdsMayHaveAll64Bits) {
  const auto all = fixture("hash64.jsonl");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_THAT(all[0].blocks, ElementsAre(0, 1));
  EXPECT_THAT(all[1].blocks, ElementsAre(0, 2));
  const auto edges =
      read(mooncake("0", "[0]") + mooncake("0", "[4611686018427387904]") +
           mooncake("0", "[9223372036854775807]") + mooncake("0", "[9223372036854775808]") +
           mooncake("0", "[18446744073709551615]") + mooncake("0", "[0]"));
  ASSERT_TRUE(edges) << edges.error().message;
  std::vector<std::uint64_t> blocks;
  for (const Request& request : *edges) blocks.push_back(request.blocks[0]);
  EXPECT_THAT(blocks, ElementsAre(0, 1, 2, 3, 4, 0));
}

TEST(Mooncake, WholeLengthsMayHaveAPoint) {
  const auto all = read(mooncake("0", "[1,2]", "700.0"));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ((*all)[0].input_tokens, 700U);
  const auto half = read(mooncake("0", "[1,2]", "700.5"));
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().message, HasSubstr("\"input_length\" is 700.5, not a whole number"));
}

TEST(Blocks, IdsOfFullBlocksOnly) {
  auto reader = RequestReader::open(kFixtures / "full-blocks-only.jsonl");
  ASSERT_TRUE(reader) << reader.error().message;
  const auto first = reader->next();
  ASSERT_TRUE(first && *first);
  EXPECT_TRUE(reader->full_blocks_only());
  // 1,100 tokens: two full blocks and a rest that nothing names.
  EXPECT_THAT((*first)->blocks, ElementsAre(0, 1, kFirstOwnId));
  const auto second = reader->next();
  ASSERT_TRUE(second && *second);
  EXPECT_THAT((*second)->blocks, ElementsAre(0, 1, 2, kFirstOwnId + 1));
}

TEST(Blocks, ATraceHoldsToOneRule) {
  // 512 fits both rules, so it decides nothing.
  const auto full = read(mooncake("0", "[1]", "512") + mooncake("0", "[]", "100") +
                         mooncake("0", "[1]", "512") + mooncake("0", "[1]", "1023"));
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ((*full)[1].blocks.size(), 1U);
  const auto mixed = read(mooncake("0", "[1]", "700") + mooncake("0", "[1,2]", "700"));
  ASSERT_FALSE(mixed);
  EXPECT_THAT(mixed.error().message,
              HasSubstr("t:2: \"hash_ids\" has 2 blocks, an input of 700 tokens has 1 of 512, "
                        "counting full ones only, as the lines above do (no one size"));
}

// The size that is suggested fits every line, and the trace is read with it.
TEST(Blocks, TheSuggestedSizeFitsTheWholeTrace) {
  std::mt19937 random(1);
  for (const std::uint32_t size : {16U, 64U, 128U, 256U, 1024U, 48U}) {
    for (const bool full_only : {false, true}) {
      std::string text;
      for (int i = 0; i < 60; ++i) {
        const auto tokens = static_cast<std::uint32_t>(1 + random() % 20'000);
        const std::uint32_t ids = full_only ? tokens / size : (tokens + size - 1) / size;
        std::string list;
        for (std::uint32_t k = 0; k < ids; ++k) list += fmt::format("{}{}", k ? "," : "", k);
        text += mooncake("0", "[" + list + "]", std::to_string(tokens));
      }
      const auto refused = read(text);
      ASSERT_FALSE(refused);
      EXPECT_THAT(refused.error().message,
                  HasSubstr(fmt::format("(give --block-tokens {})", size)));
      const auto all = read(text, nullptr, size);
      ASSERT_TRUE(all) << all.error().message;
      EXPECT_EQ(all->size(), 60U);
    }
  }
}

TEST(Azure, EveryYear) {
  const auto mixed = fixture("azure2024-mixed.csv");
  EXPECT_THAT(times(mixed), ElementsAre(0, 104'210'000, 1500 * kMs, 3 * kSecond, 6'250'001'000));
  ASSERT_EQ(mixed.size(), 5U);
  EXPECT_EQ(mixed[3].input_tokens, 5200U);
  EXPECT_EQ(mixed[3].output_tokens, 120U);
  EXPECT_EQ(mixed[4].output_tokens, 0U);
  const auto images = fixture("azure2025-images.csv");
  ASSERT_EQ(images.size(), 2U);
  EXPECT_EQ(images[0].input_tokens, 1640U);
  EXPECT_EQ(images[1].output_tokens, 40U);
  EXPECT_EQ(images[1].time_ns, 1'395'790'000U);
  const auto quoted = fixture("azure-quoted.csv");
  ASSERT_EQ(quoted.size(), 1U);
  EXPECT_EQ(quoted[0].input_tokens, 1500U);
  EXPECT_THAT(times(fixture("azure-offset.csv")), ElementsAre(0, kSecond));
}

TEST(Azure, OffsetsAreSubtracted) {
  // The same moment, then a second later, written in every way.
  const auto all = read(std::string(kAzureHeader) + azure("2024-02-29 23:30:00-00:30") +
                        azure("2024-03-01 00:00:00Z") + azure("2024-03-01 02:00:00+02:00") +
                        azure("2024-03-01 02:00:00+0200") + azure("2024-03-01 02:00:00+02") +
                        azure("2024-02-29 18:30:00.000-05:30") +
                        azure("2024-03-01T14:00:01+14:00") + azure("2024-03-01 00:00:01"));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_THAT(times(*all), ElementsAre(0, 0, 0, 0, 0, 0, kSecond, kSecond));
  for (const char* bad : {"+15:00", "+02:60", "+2", "+02:0", "+02.00", "+2x:00", "+", "--02:00"}) {
    const auto refused =
        read(std::string(kAzureHeader) + azure(std::string("2024-03-01 00:00:00") + bad));
    ASSERT_FALSE(refused) << bad;
    EXPECT_THAT(refused.error().message, HasSubstr("t:2: TIMESTAMP '2024-03-01 00:00:00")) << bad;
  }
}

TEST(Azure, FractionsOfAnyLength) {
  const auto all = read(std::string(kAzureHeader) + azure("2024-03-01 00:00:00") +
                        azure("2024-03-01 00:00:00.1") + azure("2024-03-01 00:00:00.123456789") +
                        azure("2024-03-01 00:00:00.123456789999") +
                        azure("2024-03-01 00:00:00.999999999+00:00"));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_THAT(times(*all), ElementsAre(0, 100'000'000, 123'456'789, 123'456'789, 999'999'999));
}

TEST(Azure, ColumnsStandInAnyOrder) {
  const auto all = read(
      "GeneratedTokens, x,TIMESTAMP ,ContextTokens\r\n"
      "7,\"a,\"\"b\"\"\",\"2024-03-01 00:00:00\", 900.0 \r\n");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ((*all)[0].output_tokens, 7U);
  EXPECT_EQ((*all)[0].input_tokens, 900U);
  const auto open = read(std::string(kAzureHeader) + "\"2024-03-01 00:00:00,1,2\n");
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error().message, HasSubstr("t:2: a quote is not closed"));
}

TEST(BurstGpt, SecondsAndTokens) {
  const auto all = fixture("burstgpt.csv");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(times(all), ElementsAre(0, 40 * kSecond, 113 * kSecond));
  EXPECT_EQ(all[1].input_tokens, 1087U);
  EXPECT_EQ(all[1].output_tokens, 230U);
  EXPECT_EQ(all[1].blocks.size(), 3U);
  EXPECT_EQ(all[2].output_tokens, 0U);
  const auto later = read(
      "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log "
      "Type\n"
      "5.25,a,1,GPT-4,10.0,2,12,API log\n6,,,,1,1,2,\n");
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_THAT(times(*later), ElementsAre(0, 750 * kMs));
  const auto bad = read("Timestamp,Request tokens,Response tokens\n1e3,1,1\n");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("t:2: Timestamp '1e3' is not a number of seconds"));
}

// What is no trace is refused by the name of what it is.
TEST(Others, AreNamed) {
  struct Case {
    std::string begin;
    const char* what;
  };
  std::string tar(512, '\0');
  tar.replace(257, 5, "ustar");
  const Case cases[] = {
      {"\x28\xb5\x2f\xfd....", "is packed by Zstandard (unpack it: zstd -dk FILE)"},
      {std::string("\xfd") + "7zXZ" + std::string(9, '\0'), "is packed by xz (unpack it"},
      {"BZh91AY", "is packed by bzip2"},
      {"PK\x03\x04....", "is a zip archive"},
      {tar, "is a tar archive"},
      {"PAR1\x15\x04", "is an Apache Parquet file (write it as JSON lines"},
      {"\xff\xfe{", "is text in UTF-16"},
      {"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS, not the trace"},
      {"<!DOCTYPE html>\n", "is a web page"},
      {"[{\"timestamp\":0}]\n", "is one JSON list (one record per line"},
      {"Timestamp,Operation,Object_Size_Bytes,Tier,Key,Phase\n", "is an I/O trace of MLPerf"},
      {"# kairo-workload 1\n", "is a workload already"},
  };
  for (const Case& c : cases) {
    const auto all = read(c.begin);
    ASSERT_FALSE(all) << c.what;
    EXPECT_EQ(all.error().code, base::ErrorCode::kInput);
    EXPECT_THAT(all.error().message, HasSubstr(std::string("t:1: ") + c.what));
  }
}

}  // namespace
}  // namespace kairo::trace
