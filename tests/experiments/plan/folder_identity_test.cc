// SPDX-License-Identifier: GPL-2.0-only
#include "plan/folder_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::experiments {
namespace {

using reports::Experiment;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

Experiment an_experiment() {
  Experiment out;
  out.name = "01-decode-priority";
  out.arms = {{"none", "none", {}}, {"kairo", "kairo", {{"decode_target_us", "0"}}}};
  out.base_arm = "none";
  out.device_name = "reference";
  out.device = {{"dies", "8"}};
  reports::Load load;
  load.name = "mix";
  load.job_file = "[global]\n";
  out.loads = {load};
  out.repeats = 2;
  out.seeds = {1, 2};
  out.command = "kairo experiment run 01-decode-priority --repeats 2 --seconds 1";
  out.environment = {{"engine_sha256", "aaaa"}, {"kernel", "6.12"}};
  return out;
}

TEST(FolderIdentity, TheSameGoesOnWhateverTheGuestsSaid) {
  const Experiment there = an_experiment();
  Experiment asked = there;
  asked.environment = {{"engine_sha256", "aaaa"}};
  asked.complete = true;
  asked.question = "another wording?";
  EXPECT_EQ(difference(there, asked), "");
}

TEST(FolderIdentity, MoreRepeatsGrowTheFolder) {
  const Experiment there = an_experiment();
  Experiment asked = there;
  asked.repeats = 6;
  asked.seeds = {1, 2, 3, 4, 5, 6};
  asked.command = "kairo experiment run 01-decode-priority --repeats 6 --seconds 1";
  EXPECT_EQ(difference(there, asked), "");
  // The other way round runs would be left out.
  EXPECT_THAT(difference(asked, there), AllOf(StartsWith("--repeats: 6 there, 2 now"),
                                              HasSubstr("give 6 or more"), HasSubstr("--fresh")));
  // A load with repeats of its own.
  asked.loads[0].repeats = 1;
  EXPECT_THAT(difference(there, asked), StartsWith("--repeats: 2 there, 1 now"));
}

TEST(FolderIdentity, WhatDiffersIsNamed) {
  const struct {
    void (*change)(Experiment&);
    const char* says;
  } cases[] = {
      {[](Experiment& e) { e.name = "02-x"; },
       "the experiment is 01-decode-priority there, 02-x now"},
      {[](Experiment& e) { e.arms.pop_back(); }, "--arms is none,kairo there, none now"},
      {[](Experiment& e) { e.arms[1].tunables["decode_target_us"] = "9"; },
       "arm kairo: decode_target_us is 0 there, 9 now"},
      {[](Experiment& e) { e.arms[1].scheduler = "bfq"; }, "arm kairo: scheduler is kairo there"},
      {[](Experiment& e) { e.arms[0].kernel = "base"; },
       "arm none: kernel is none there, base now"},
      {[](Experiment& e) { e.base_arm = "kairo"; }, "base is none there, kairo now"},
      {[](Experiment& e) { e.loads[0].name = "trace"; }, "--loads is mix there, trace now"},
      {[](Experiment& e) { e.loads[0].job_file = "[other]\n"; },
       "load mix: its job file is another"},
      {[](Experiment& e) { e.loads[0].workload["sha256"] = "b"; },
       "load mix: --trace: sha256 is none there, b now"},
      {[](Experiment& e) { e.loads[0].window_ms = 5; }, "load mix: window_ms is none there, 5 now"},
      {[](Experiment& e) {
         e.loads[0].phases = {{"burst", 1, 2}};
       },
       "load mix: phases is none there"},
      {[](Experiment& e) { e.device["dies"] = "16"; }, "device: dies is 8 there, 16 now"},
      {[](Experiment& e) { e.device_name = "fast"; }, "the device is reference there, fast now"},
      {[](Experiment& e) { e.environment["engine_sha256"] = "bbbb"; },
       "engine_sha256 is aaaa there, bbbb now"},
      {[](Experiment& e) {
         e.seeds = {7, 8};
       },
       "the seed is 1 there, 7 now"},
      {[](Experiment& e) { e.virtual_time = false; }, "it is of the guest"},
      {[](Experiment& e) { e.command += " --seconds 5"; },
       "it was made by `kairo experiment run 01-decode-priority --seconds 1`"},
  };
  for (const auto& one : cases) {
    Experiment asked = an_experiment();
    one.change(asked);
    EXPECT_THAT(difference(an_experiment(), asked),
                AllOf(StartsWith(one.says), HasSubstr("--fresh")));
  }
}

}  // namespace
}  // namespace kairo::experiments
