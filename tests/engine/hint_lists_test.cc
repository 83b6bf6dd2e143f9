// SPDX-License-Identifier: GPL-2.0-only
// Values of the kv_* lists: what they mean, and what each refusal says.
#include "hint_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::engine {
namespace {

using hint::Class;
using hint::PrioClass;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
std::string error_of(const base::Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

TEST(HintLists, Classes) {
  EXPECT_FALSE(parse_classes("auto").value().has_value());
  const auto one = parse_classes("prefetch").value().value();
  EXPECT_TRUE(one.one_for_all);
  EXPECT_EQ(one.classes[2], Class::kPrefetch);
  const auto each = parse_classes("prefetch,,normal").value().value();
  EXPECT_FALSE(each.one_for_all);
  EXPECT_EQ(each.classes[0], Class::kPrefetch);
  EXPECT_EQ(each.classes[1], std::nullopt);
  EXPECT_EQ(each.classes[2], Class::kNormal);
  EXPECT_THAT(error_of(parse_classes("decod")),
              HasSubstr("kv_class=decod: 'decod' is not a class (give one of normal, decode"));
  EXPECT_THAT(error_of(parse_classes("decode,decode")), HasSubstr("a write cannot be decode"));
  EXPECT_THAT(error_of(parse_classes("decode,,,")), HasSubstr("there are three directions"));
  EXPECT_THAT(error_of(parse_classes("")), HasSubstr("'' is not a class"));
}

TEST(HintLists, Split) {
  const auto split = parse_split("decode/70:prefetch/30,prefill/80").value();
  EXPECT_THAT(split[0],
              ElementsAre(ClassShare{Class::kDecode, 70}, ClassShare{Class::kPrefetch, 30}));
  EXPECT_THAT(split[1], ElementsAre(ClassShare{Class::kPrefill, 80}));
  EXPECT_THAT(split[2], IsEmpty());
  EXPECT_THAT(error_of(parse_split("decode/101")), HasSubstr("'101' is not a percentage"));
  EXPECT_THAT(error_of(parse_split("decode/60:prefetch/50")),
              HasSubstr("the percentages of read add up to 110 (lower them to 100 at most)"));
  EXPECT_THAT(error_of(parse_split("decode")), HasSubstr("'decode' is not class/percentage"));
  EXPECT_THAT(error_of(parse_split("decode/10:decode/20")), HasSubstr("decode is given twice"));
  EXPECT_THAT(error_of(parse_split("prefill/10")), HasSubstr("a read cannot be prefill"));
  EXPECT_THAT(error_of(parse_split("prefil/10")), HasSubstr("'prefil' is not a class"));
  EXPECT_THAT(error_of(parse_split("decode/-1")), HasSubstr("not a percentage"));
}

TEST(HintLists, BlockSizes) {
  const auto sizes = parse_bssplit("64k/decode:128k/prefetch/90,1m/prefill").value();
  EXPECT_THAT(sizes[0], ElementsAre(SizeRule{65536, {Class::kDecode, 100}},
                                    SizeRule{131072, {Class::kPrefetch, 90}}));
  EXPECT_THAT(sizes[1], ElementsAre(SizeRule{1 << 20, {Class::kPrefill, 100}}));
  EXPECT_THAT(error_of(parse_bssplit("64q/decode")), HasSubstr("'64q' is not a block size"));
  EXPECT_THAT(error_of(parse_bssplit("0/decode")), HasSubstr("'0' is not a block size"));
  EXPECT_THAT(error_of(parse_bssplit("64k")), HasSubstr("is not size/class"));
  EXPECT_THAT(error_of(parse_bssplit("64k/decode/60:64k/prefetch/50")),
              HasSubstr("the percentages of 64k add up to 110"));
  EXPECT_THAT(error_of(parse_bssplit("64k/decode/101")), HasSubstr("not a percentage"));
}

TEST(HintLists, Deadlines) {
  const auto deadlines = parse_deadlines("decode/2ms:prefetch/500us").value();
  EXPECT_EQ(deadlines[hint::index(Class::kDecode)], 2'000'000U);
  EXPECT_EQ(deadlines[hint::index(Class::kPrefetch)], 500'000U);
  EXPECT_EQ(deadlines[hint::index(Class::kPrefill)], 0U);
  EXPECT_THAT(error_of(parse_deadlines("decode/2")), HasSubstr("'2' is not a time"));
  EXPECT_THAT(error_of(parse_deadlines("decode/0ms")), HasSubstr("not a time"));
  EXPECT_THAT(error_of(parse_deadlines("decode/1ms:decode/2ms")), HasSubstr("given twice"));
  EXPECT_THAT(error_of(parse_deadlines("x/1ms")), HasSubstr("'x' is not a class"));
}

TEST(HintLists, PriorityPresets) {
  const auto at = [](const char* name, Class cls) {
    return parse_priorities(name).value()[hint::index(cls)].value();
  };
  EXPECT_EQ(at("be", Class::kDecode).prio_class, PrioClass::kBestEffort);
  EXPECT_EQ(at("rt", Class::kDecode).prio_class, PrioClass::kRealTime);
  EXPECT_EQ(at("rt", Class::kPrefill).level, 7U);
  // The three that mq-deadline tells apart: it looks at the class, not at the level.
  EXPECT_EQ(at("mqd3", Class::kDecode).prio_class, PrioClass::kRealTime);
  EXPECT_EQ(at("mqd3", Class::kPrefetch).prio_class, PrioClass::kBestEffort);
  EXPECT_EQ(at("mqd3", Class::kPrefill).prio_class, PrioClass::kIdle);
  EXPECT_EQ(at("kairo", Class::kPrefetch).level, 1U);
  EXPECT_EQ(parse_priorities("be").value()[0], std::nullopt);
}

TEST(HintLists, PriorityLists) {
  const auto list = parse_priorities("decode=1/0:prefill=3/7").value();
  EXPECT_EQ(list[hint::index(Class::kDecode)]->prio_class, PrioClass::kRealTime);
  EXPECT_EQ(list[hint::index(Class::kPrefill)]->level, 7U);
  EXPECT_EQ(list[hint::index(Class::kPrefetch)], std::nullopt);
  EXPECT_THAT(error_of(parse_priorities("high")), HasSubstr("neither one of be, rt, mqd3, kairo"));
  EXPECT_THAT(error_of(parse_priorities("decode=4/0")), HasSubstr("'4/0' is not a priority"));
  EXPECT_THAT(error_of(parse_priorities("decode=1/8")), HasSubstr("level 0 to 7"));
  EXPECT_THAT(error_of(parse_priorities("decode=2/4:prefetch=2/4")),
              HasSubstr("decode and prefetch have the same priority 2/4"));
  EXPECT_THAT(error_of(parse_priorities("decode=2/4:decode=2/5")), HasSubstr("given twice"));
  EXPECT_THAT(error_of(parse_priorities("normal=2/4")), HasSubstr("the job's own priority"));
}

TEST(HintLists, SessionsAndSemantics) {
  EXPECT_EQ(parse_sessions("8").value().count, 8U);
  EXPECT_DOUBLE_EQ(parse_sessions("8:zipf:1.1").value().zipf_theta.value(), 1.1);
  EXPECT_THAT(error_of(parse_sessions("0")), HasSubstr("'0' is not a number of sessions"));
  EXPECT_THAT(error_of(parse_sessions("8:zipf")), HasSubstr("is not a distribution"));
  EXPECT_THAT(error_of(parse_sessions("8:zipf:1")), HasSubstr("is not a distribution"));
  EXPECT_THAT(parse_semantics("ephemeral:avoidcache").value(),
              ElementsAre("ephemeral", "avoidcache"));
  EXPECT_THAT(error_of(parse_semantics("ephemeral:x")), HasSubstr("'x' is not one of"));
}

}  // namespace
}  // namespace kairo::engine
