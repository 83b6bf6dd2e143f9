// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "all_requests.h"
#include "kairo/base/files.h"

namespace kairo::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string record(std::string_view timestamp, std::string_view ids = "[1]",
                   std::string_view input = "5", std::string_view output = "3") {
  return fmt::format(
      "{{\"timestamp\": {}, \"input_length\": {}, \"output_length\": {}, \"hash_ids\": {}}}\n",
      timestamp, input, output, ids);
}

constexpr const char* kAzure = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

TEST(Reader, Mooncake) {
  const auto all = read(record("100", "[7, 8]", "513", "9") + record("100") + record("2600"));
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].time_ns, 0U);  // counts from the first request
  EXPECT_EQ((*all)[0].input_tokens, 513U);
  EXPECT_EQ((*all)[0].output_tokens, 9U);
  EXPECT_THAT((*all)[0].blocks, ElementsAre(0, 1));
  EXPECT_FALSE((*all)[0].generated);
  EXPECT_EQ((*all)[2].time_ns, 2'500'000'000U);
}

TEST(Reader, MooncakeKnowsGeneratedRecordsAndIgnoresOtherFields) {
  const auto all = read(
      "{\"timestamp\":0,\"input_length\":0,\"output_length\":0,\"hash_ids\":[],\"x\":[{}],"
      "\"generated\":true}");
  ASSERT_TRUE(all) << all.error().message;  // and no line end after the last line
  ASSERT_EQ(all->size(), 1U);
  EXPECT_TRUE((*all)[0].generated);
}

TEST(Reader, Azure) {
  const auto all = read(
      "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
      "2023-11-30 23:59:59.9799600,1025,10\r\n"
      "2023-12-01 00:00:01,0,8\r\n"
      "2024-03-01T00:00:01.5+00:00,512,0");
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].time_ns, 0U);
  EXPECT_EQ((*all)[0].output_tokens, 10U);
  EXPECT_EQ((*all)[1].time_ns, 1'020'040'000U);
  EXPECT_TRUE((*all)[1].blocks.empty());
  EXPECT_EQ((*all)[2].time_ns, (91ULL * 86400 + 1) * 1'000'000'000 + 520'040'000);  // leap year
  // 3 + 1 blocks, none of them the same.
  EXPECT_THAT((*all)[0].blocks, ElementsAre(kFirstOwnId, kFirstOwnId + 1, kFirstOwnId + 2));
  EXPECT_THAT((*all)[2].blocks, ElementsAre(kFirstOwnId + 3));
}

// Lines around the size of the read buffer come out whole.
TEST(Reader, LongLines) {
  for (const std::size_t size : {65533U, 65534U, 65535U, 65536U, 65537U, 131070U, 131072U}) {
    std::string line = record("0");
    line.insert(line.size() - 2, ", \"x\": \"" + std::string(size - line.size(), 'x') + "\"");
    line = line.substr(0, line.size() - 1);
    for (const char* end : {"\n", "\r\n", ""}) {
      const auto all = read(line + end);
      ASSERT_TRUE(all) << size << all.error().message;
      EXPECT_EQ(all->size(), 1U);
    }
  }
}

TEST(Reader, RefusesBadInputWithItsLine) {
  struct Case {
    std::string text;
    const char* message;
  };
  const std::string ok = record("5");
  const Case cases[] = {
      {"", "t: is empty"},
      {"\n", "t: is empty"},
      {"hello\n", "t:1: 'hello' begins no trace that is known here (Bailian JSONL, Mooncake"},
      {"# kairo-workload 1\n", "t:1: is a workload already"},
      {ok + "{\"timestamp\": 5, \"inp", "t:2: truncated? '{\"timestamp\": 5, \"inp' is not JSON"},
      {ok + "{\"timestamp\": 5, \"inp\n", "t:2: '{\"timestamp\": 5, \"inp' is not JSON"},
      {ok + "\n" + ok, "t:2: the line is empty"},
      {ok + "[1]\n", "t:2: '[1]' is not a JSON object"},
      {ok + "\x01\xff\n", "t:2: '\?\?' is not JSON"},
      {"{}\n", "t:1: the record has no \"timestamp\""},
      {record("\"1\""), "t:1: \"timestamp\" is \"1\", not a number"},
      {record("99999999999999999999"), "t:1: \"timestamp\" 1e+20 is too large"},
      {record("-9007199254740993"), "t:1: \"timestamp\" -9007199254740993 is too large"},
      {record("18446744073709551615"), "t:1: \"timestamp\" 18446744073709551615 is too large"},
      {ok + record("4"), "t:2: the request arrives 1.00 ms before the one above (sort"},
      {ok + record("400000000000"), "t:2: the request arrives more than ten years after"},
      {record("1", "[1]", "-5"), "t:1: \"input_length\" is -5"},
      {record("1", "[1]", "16777217"), "t:1: an input of 16777217 tokens is more than"},
      {record("1", "[1]", "5", "null"), "t:1: \"output_length\" is null"},
      {record("1", "[1]", "5", "20000000"), "t:1: an output of 20000000 tokens is more than"},
      {record("1", "5"), "t:1: \"hash_ids\" is 5, not a list"},
      {record("1", "[1, 2]"),
       "has 2 blocks, an input of 5 tokens has 1 of 512 (give --block-tokens 4)"},
      {record("1", "[-1]"), "t:1: hash id -1 is not a whole number"},
      {record("1", "[18446744073709551616]"), "t:1: hash id 1.84467440737095"},
      {record("1", "[3, 3]", "600"), "t:1: hash id 3 stands twice"},
      {"TIMESTAMP,ContextTokens\n",
       "t:1: the header 'TIMESTAMP,ContextTokens' has no column GeneratedTokens"},
      {std::string(kAzure) + "2023-11-16 18:17:03,5\n",
       "t:2: '2023-11-16 18:17:03,5' has 2 columns, the header has 3"},
      {std::string(kAzure) + "2023-11-16 18:17:03,5", "t:2: truncated? '2023"},
      {std::string(kAzure) + "2023-11-16 18:17:03,5,6,7\n", "has 4 columns"},
      {std::string(kAzure) + "2023-11-16 18:17:03,-5,6\n", "t:2: ContextTokens '-5' is not"},
      {std::string(kAzure) + "2023-11-16 18:17:03,5,\n", "t:2: GeneratedTokens '' is not"},
      {std::string(kAzure) + "2023-11-16 18:17:03,5,99999999\n",
       "an output of 99999999 tokens is more"},
      {std::string(kAzure) + "2023-13-16 18:17:03,5,6\n", "t:2: TIMESTAMP '2023-13-16 18:17:03'"},
      {std::string(kAzure) + "yesterday,5,6\n", "t:2: TIMESTAMP 'yesterday' is not like"},
      {std::string(kAzure) + "2023-11-16 18:17:03.,5,6\n", "goes on with '.', which is neither"},
      {std::string(kAzure) + "2023-11-16 18:17:03 UTC,5,6\n", "goes on with ' UTC', which"},
      {std::string(kAzure) + "2023-11-16 18:17:03,5,6\n2023-11-16 18:17:02,5,6\n",
       "t:3: the request arrives 1.00 s before"},
  };
  for (const Case& c : cases) {
    const auto all = read(c.text);
    ASSERT_FALSE(all) << c.message;
    EXPECT_EQ(all.error().code, base::ErrorCode::kInput);
    EXPECT_THAT(all.error().message, HasSubstr(c.message));
    EXPECT_THAT(all.error().message, StartsWith("t:"));
  }
}

TEST(Reader, RefusesALineWithoutEnd) {
  const auto all = read(record("0") + std::string(5U << 20, '{'));
  ASSERT_FALSE(all);
  EXPECT_THAT(all.error().message, HasSubstr("t:2: the line is longer than 4194304 bytes"));
}

// Found by hand: printing a deeply nested value overran the stack.
TEST(Reader, DeepNestingIsAnErrorLikeAnyOther) {
  const std::string deep = std::string(1U << 20, '[') + std::string(1U << 20, ']');
  for (const std::string& text : {record(deep), record("0", "[" + deep + "]")}) {
    const auto all = read(text);
    ASSERT_FALSE(all);
    EXPECT_THAT(all.error().message, HasSubstr("of type array"));
  }
}

TEST(Reader, AskedFormatWins) {
  const auto all = read(record("0"), *find_format("azure"));
  ASSERT_FALSE(all);
  EXPECT_THAT(all.error().message, HasSubstr("t:1: the header '{\"timestamp\""));
}

TEST(Reader, RefusesWhatIsNotAFile) {
  const auto missing = RequestReader::open("/nonexistent/trace.jsonl", {});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("/nonexistent/trace.jsonl: no such file"));
  const auto directory = RequestReader::open("/", {});
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().message, HasSubstr("is not a regular file"));
}

}  // namespace
}  // namespace kairo::trace
