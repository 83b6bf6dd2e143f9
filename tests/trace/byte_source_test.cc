// SPDX-License-Identifier: GPL-2.0-only
#include "byte_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <sstream>

#include "kairo/trace/reader.h"

namespace kairo::trace {
namespace {

using testing::HasSubstr;

std::string gzip(std::string_view text) {
  z_stream zlib = {};
  EXPECT_EQ(deflateInit2(&zlib, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&zlib, text.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

base::Result<std::string> all_of(const std::string& bytes, std::uint64_t most = kMaxInflated,
                                 std::size_t piece = 1000) {
  const auto source = open_source(std::make_unique<std::istringstream>(bytes), most);
  std::string out;
  std::string part(piece, '\0');
  for (;;) {
    KAIRO_TRY(const auto got, source->read(part.data(), part.size()));
    if (got == 0) return out;
    out.append(part, 0, got);
  }
}

std::string lines(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += fmt::format("line {} of them\n", i * 7919 % 1000);
  return out;
}

TEST(ByteSource, PlainBytesPassThrough) {
  for (const std::string text : {"", "a", "\x1f", "\x1f\x8c", "plain\n"})
    EXPECT_EQ(*all_of(text), text);
}

TEST(ByteSource, GzipIsInflated) {
  for (const int count : {0, 1, 100, 40'000}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{65536}}) {
      if (piece == 1 && count > 1000) continue;
      const auto text = all_of(gzip(lines(count)), kMaxInflated, piece);
      ASSERT_TRUE(text) << text.error().message;
      EXPECT_EQ(*text, lines(count));
    }
  }
}

TEST(ByteSource, MembersAfterEachOtherAreOneText) {
  EXPECT_EQ(*all_of(gzip("one\n") + gzip("") + gzip("two\n")), "one\ntwo\n");
  EXPECT_EQ(*all_of(gzip("one\n") + std::string(600, '\0')), "one\n");
}

TEST(ByteSource, EveryCutIsAnError) {
  const std::string packed = gzip(lines(50));
  for (std::size_t size = 2; size < packed.size(); ++size) {
    const auto cut = all_of(packed.substr(0, size));
    ASSERT_FALSE(cut) << size;
    EXPECT_THAT(cut.error().message, HasSubstr("the gzip data ends before its end")) << size;
  }
}

TEST(ByteSource, DamageIsAnError) {
  const std::string packed = gzip(lines(50));
  for (const std::size_t at : {packed.size() / 2, packed.size() - 8, packed.size() - 1}) {
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    const auto text = all_of(damaged);
    ASSERT_FALSE(text) << at;
    EXPECT_THAT(text.error().message, HasSubstr("gzip data")) << at;
  }
  const auto garbage = all_of(gzip("one\n") + "garbage");
  ASSERT_FALSE(garbage);
  EXPECT_THAT(garbage.error().message, HasSubstr("the gzip data is damaged"));
}

// A few kilobytes that stand for 64 MiB.
TEST(ByteSource, InflatesNoMoreThanAllowed) {
  const std::string bomb = gzip(std::string(64U << 20, '\n'));
  EXPECT_LT(bomb.size(), 100'000U);
  const auto text = all_of(bomb, 1U << 20, 65536);
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("holds more than 1 MiB when inflated"));
  EXPECT_TRUE(all_of(gzip(lines(10)), lines(10).size()));
  EXPECT_FALSE(all_of(gzip(lines(10)), lines(10).size() - 1));
}

TEST(ByteSource, ReaderNamesTheLineOfAPackedTrace) {
  const auto path =
      std::filesystem::path(KAIRO_SOURCE_DIR) / "tests/fixtures/traces/out-of-order.jsonl.gz";
  auto reader = RequestReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ((**reader->next()).time_ns, 0U);
  EXPECT_EQ((**reader->next()).time_ns, 900'000'000U);
  const auto third = reader->next();
  ASSERT_FALSE(third);
  EXPECT_THAT(third.error().message,
              HasSubstr("out-of-order.jsonl.gz:3: the request arrives 20.0 ms before the one above "
                        "(sort the trace"));
}

}  // namespace
}  // namespace kairo::trace
