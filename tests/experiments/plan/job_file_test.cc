// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/job_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::experiments {
namespace {

using testing::HasSubstr;

constexpr std::string_view kJob =
    "# a comment\n"
    "[global]\n"
    "runtime=2\n"
    "\n"
    "[decode]\n"
    "bs=64k\n"
    "kv_rate=2000\n"
    "\n"
    "[prefill]\n"
    "bs=1M\n";

std::string changed(std::initializer_list<std::string_view> sets) {
  std::vector<JobOverride> overrides;
  for (const std::string_view set : sets) overrides.push_back(parse_override(set).value());
  return apply_overrides(kJob, overrides).value();
}

TEST(JobFile, WithoutChangesTheTextStaysAsItIs) {
  EXPECT_EQ(changed({}), kJob);
}

TEST(JobFile, AKeyOfAJobIsReplacedOrAdded) {
  EXPECT_THAT(changed({"decode.kv_rate=4000"}), HasSubstr("[decode]\nbs=64k\nkv_rate=4000\n\n"));
  EXPECT_THAT(changed({"prefill.iodepth=8"}), HasSubstr("[prefill]\nbs=1M\niodepth=8\n"));
}

TEST(JobFile, ABareKeyIsReplacedWhereverItStands) {
  const std::string text = changed({"bs=4k"});
  EXPECT_THAT(text, HasSubstr("[decode]\nbs=4k\n"));
  EXPECT_THAT(text, HasSubstr("[prefill]\nbs=4k\n"));
}

TEST(JobFile, ABareNewKeyGoesToGlobal) {
  EXPECT_THAT(changed({"ramp_time=1"}), HasSubstr("[global]\nruntime=2\nramp_time=1\n\n"));
  const auto text = apply_overrides("[one]\nbs=4k\n", {parse_override("runtime=3").value()});
  EXPECT_EQ(text.value(), "[global]\nruntime=3\n[one]\nbs=4k\n");
}

TEST(JobFile, TheFirstJobIsNotGlobal) {
  EXPECT_THAT(run_before_first_job(kJob, "x"),
              HasSubstr("[decode]\nbs=64k\nkv_rate=2000\nexec_prerun=x\n\n"));
  EXPECT_EQ(run_before_first_job("[a]\nexec_prerun=(y > z)\n[b]\n", "x"),
            "[a]\nexec_prerun=x && (y > z)\n[b]\n");
}

TEST(JobFile, AnUnknownJobIsRefusedWithTheKnownOnes) {
  const auto text = apply_overrides(kJob, {parse_override("decoder.bs=4k").value()});
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("no such job (jobs: global, decode, prefill)"));
}

TEST(JobFile, ValuesMayHoldDotsAndEqualSigns) {
  EXPECT_THAT(changed({"runtime=2.5"}), HasSubstr("runtime=2.5\n"));
  EXPECT_THAT(changed({"decode.description=a=b"}), HasSubstr("description=a=b\n"));
}

TEST(JobFile, MalformedOverridesAreUsageErrors) {
  for (const char* bad : {"", "=1", "runtime", "decode.=1", "a=1\n[b]"}) {
    const auto parsed = parse_override(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, base::ErrorCode::kUsage);
  }
}

TEST(JobFile, TheMarkOfTheBeginGoesToAJobThatStartsAtOnce) {
  const std::string text = run_before_first_job("[late]\nstartdelay=1\n[now]\nrw=read\n", "mark");
  EXPECT_EQ(text, "[late]\nstartdelay=1\n[now]\nrw=read\nexec_prerun=mark\n");
}

TEST(JobFile, OptionsForEveryJobGoToGlobal) {
  EXPECT_EQ(add_to_global("[global]\na=1\n[job]\n", {"b=2", "c=3"}),
            "[global]\na=1\nb=2\nc=3\n[job]\n");
  EXPECT_EQ(add_to_global("# top\n[job]\n", {"b=2"}), "# top\n[global]\nb=2\n[job]\n");
}

TEST(JobFile, VariablesGetValues) {
  EXPECT_EQ(set_variables("a=${X}\nb=${Y}${X}\nc=${", {{"X", "1"}}), "a=1\nb=${Y}1\nc=${");
}

TEST(JobFile, AnOptionIsRemovedEverywhere) {
  EXPECT_EQ(remove_option("[global]\nkv_stats=a\nbs=4k\n[a]\n kv_stats = b\n", "kv_stats"),
            "[global]\nbs=4k\n[a]\n");
}

TEST(JobFile, ClassesByJobAndDirection) {
  using Directions = std::map<std::string, std::string>;
  const auto classes = job_classes(
      "[global]\nkv_path=auto\n[d]\nkv_class=decode\n[l]\nkv_class=prefetch,normal,evict\n"
      "[auto]\nrw=rw\n[drawn]\nkv_split=decode/50\n[plain]\nkv_path=none\n");
  EXPECT_EQ(classes.size(), 3U);
  EXPECT_EQ(classes.at("d"),
            (Directions{{"read", "decode"}, {"write", "decode"}, {"trim", "decode"}}));
  EXPECT_EQ(classes.at("l"),
            (Directions{{"read", "prefetch"}, {"write", "normal"}, {"trim", "evict"}}));
  EXPECT_EQ(classes.at("auto"),
            (Directions{{"read", "decode"}, {"write", "prefill"}, {"trim", "evict"}}));
}

}  // namespace
}  // namespace kairo::experiments
