// SPDX-License-Identifier: GPL-2.0-only
// Which class an I/O gets, and the maps it may come from.
#include "chooser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace kairo::engine {
namespace {

using hint::Class;
using testing::HasSubstr;

constexpr std::size_t kRead = 0;
constexpr std::size_t kWrite = 1;

TEST(Chooser, SplitKeepsItsShares) {
  Chooser chooser(parse_split("decode/70:prefetch/20").value(), kDefaultClasses, 1);
  std::array<int, hint::kClasses> count = {};
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) ++count[hint::index(chooser.choose(kRead, 0, 0, 4096))];
  const double deviation = std::sqrt(kDraws * 0.7 * 0.3);
  EXPECT_NEAR(count[hint::index(Class::kDecode)], 70'000, 5 * deviation);
  EXPECT_NEAR(count[hint::index(Class::kPrefetch)], 20'000, 5 * deviation);
  EXPECT_NEAR(count[hint::index(Class::kNormal)], 10'000, 5 * deviation);
  EXPECT_EQ(chooser.choose(kWrite, 0, 0, 4096), Class::kPrefill);
  EXPECT_TRUE(chooser.mixes(kRead));
  EXPECT_FALSE(chooser.mixes(kWrite));
}

TEST(Chooser, SameSeedSameClasses) {
  Chooser a(parse_split("decode/50:prefetch/50").value(), kDefaultClasses, 7);
  Chooser b(parse_split("decode/50:prefetch/50").value(), kDefaultClasses, 7);
  Chooser c(parse_split("decode/50:prefetch/50").value(), kDefaultClasses, 8);
  int different = 0;
  for (int i = 0; i < 1000; ++i) {
    const Class first = a.choose(kRead, 0, 0, 4096);
    EXPECT_EQ(first, b.choose(kRead, 0, 0, 4096));
    different += first != c.choose(kRead, 0, 0, 4096) ? 1 : 0;
  }
  EXPECT_GT(different, 300);
}

TEST(Chooser, Extremes) {
  Chooser all(parse_split("decode/100").value(), kDefaultClasses, 1);
  Chooser none(parse_split("decode/0").value(), kDefaultClasses, 1);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(all.choose(kRead, 0, 0, 4096), Class::kDecode);
    ASSERT_EQ(none.choose(kRead, 0, 0, 4096), Class::kNormal);
  }
}

TEST(Chooser, BlockSizes) {
  Chooser chooser(parse_bssplit("64k/decode:128k/prefetch").value(), kDefaultClasses, 1);
  EXPECT_EQ(chooser.choose(kRead, 0, 0, 65536), Class::kDecode);
  EXPECT_EQ(chooser.choose(kRead, 0, 0, 131072), Class::kPrefetch);
  EXPECT_EQ(chooser.choose(kRead, 0, 0, 4096), Class::kDecode);  // the direction's default
  EXPECT_EQ(chooser.choose(kWrite, 0, 0, 65536), Class::kPrefill);
}

// One draw for all the shares of a size; what they leave is normal, not the direction's default.
TEST(Chooser, ABlockSizeIsSharedByPercentages) {
  Chooser chooser(parse_bssplit("64k/decode/30:64k/prefetch/50").value(), kDefaultClasses, 1);
  unsigned decode = 0, prefetch = 0, normal = 0;
  for (unsigned i = 0; i < 10'000; ++i) {
    const Class cls = chooser.choose(kRead, 0, 0, 65536);
    decode += cls == Class::kDecode;
    prefetch += cls == Class::kPrefetch;
    normal += cls == Class::kNormal;
  }
  EXPECT_NEAR(decode, 3'000, 200);
  EXPECT_NEAR(prefetch, 5'000, 200);
  EXPECT_NEAR(normal, 2'000, 200);
}

std::string error_of(const std::string& text) {
  const auto map = parse_hint_map(text, "m.csv");
  return map ? "accepted" : map.error().message;
}

TEST(HintMap, RangesAndFiles) {
  auto map = parse_hint_map(
                 "# comment\nstart,end,class,model,session,pool,lifetime,recompute\n"
                 "64k,128k,prefetch\n0,64k,decode,3,7,2,session,50\nfile=b\n0,1m,normal\n",
                 "m.csv")
                 .value();
  EXPECT_EQ(map.ranges(), 3U);
  ASSERT_TRUE(map.bind({"a", "b"}));
  EXPECT_EQ(map.find(0, 0)->cls, Class::kDecode);
  EXPECT_EQ(map.find(0, 65535)->metadata.session, 7U);
  EXPECT_EQ(map.find(0, 65535)->metadata.lifetime, Lifetime::kSession);
  EXPECT_EQ(map.find(0, 65536)->cls, Class::kPrefetch);
  EXPECT_EQ(map.find(0, 131072), nullptr);
  EXPECT_EQ(map.find(1, 65536)->cls, Class::kNormal);
  const auto unknown = map.bind({"a"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("file=b is not a file of the job"));
}

TEST(HintMap, ChooserUsesWhatFitsTheDirection) {
  auto map = parse_hint_map("0,64k,prefetch\n", "m.csv").value();
  ASSERT_TRUE(map.bind({"a"}));
  Chooser chooser(map, kDefaultClasses);
  EXPECT_EQ(chooser.choose(kRead, 0, 0, 4096), Class::kPrefetch);
  EXPECT_EQ(chooser.choose(kRead, 0, 65536, 4096), Class::kDecode);
  EXPECT_EQ(chooser.choose(kWrite, 0, 0, 4096), Class::kPrefill);
}

TEST(HintMap, Refusals) {
  EXPECT_THAT(error_of("0,64k,decode\n32k,96k,prefetch\n"),
              HasSubstr("m.csv:2: overlaps the range of line 1"));
  // the one before it in the file of the job, not in the map
  EXPECT_THAT(error_of("96k,128k,decode\n0,64k,decode\n64k,100k,prefetch\n"),
              HasSubstr("m.csv:1: overlaps the range of line 3"));
  EXPECT_THAT(error_of("0,64k,decod\n"), HasSubstr("m.csv:1: 'decod' is not a class"));
  EXPECT_THAT(error_of("64k,64k,decode\n"), HasSubstr("is not a range"));
  EXPECT_THAT(error_of("x,64k,decode\n"), HasSubstr("is not a range"));
  EXPECT_THAT(error_of("0,64k,decode,70000\n"), HasSubstr("model 70000 is more than 65535"));
  EXPECT_THAT(error_of("0,64k,decode,1,2,3,ever\n"), HasSubstr("'ever' is not a lifetime"));
  EXPECT_THAT(error_of("0,64k,decode,1,2,3,short,101\n"), HasSubstr("is not a percentage"));
  EXPECT_THAT(error_of("0,64k,decode,one\n"), HasSubstr("whole numbers"));
  EXPECT_THAT(error_of("0\n"), HasSubstr("is not start,end"));
  EXPECT_THAT(error_of("0,1,decode,1,2,3,short,4,5\n"), HasSubstr("more than the fields"));
  EXPECT_THAT(error_of("# nothing\n"), HasSubstr("has no range"));
}

}  // namespace
}  // namespace kairo::engine
