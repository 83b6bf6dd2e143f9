// SPDX-License-Identifier: GPL-2.0-only
// What the entry of a class says with each carrier and priority: the numbers of the kernel's ABI.
#include "carrier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace kairo::engine {
namespace {

using hint::Class;
using testing::ElementsAre;

constexpr std::uint16_t kJob = 0x4006;  // best effort, level 6: fio's own prio options

PrioOptions prio(const char* text, bool hint = true, bool given = true) {
  return {text, parse_priorities(text).value(), hint, given};
}

// sqe->ioprio of decode, prefetch and prefill.
std::vector<unsigned> ioprios(Path path, const PrioOptions& options) {
  std::vector<unsigned> out;
  for (const Class cls : {Class::kDecode, Class::kPrefetch, Class::kPrefill})
    out.push_back(class_hints(path, options, kJob)[hint::index(cls)].sqe_ioprio);
  return out;
}

// class << 13 | hint << 3 | level, with hints 8, 9 and 10.
TEST(Carrier, IoprioHasTheHintAndThePriority) {
  EXPECT_THAT(ioprios(Path::kIoprio, prio("be")), ElementsAre(0x4044, 0x404c, 0x4054));
  EXPECT_THAT(ioprios(Path::kIoprio, prio("rt")), ElementsAre(0x2040, 0x4048, 0x4057));
  EXPECT_THAT(ioprios(Path::kIoprio, prio("mqd3")), ElementsAre(0x2040, 0x404c, 0x6057));
  EXPECT_THAT(ioprios(Path::kIoprio, prio("kairo")), ElementsAre(0x2040, 0x2049, 0x4057));
  EXPECT_THAT(ioprios(Path::kIoprio, prio("decode=2/0:prefetch=3/1")),
              ElementsAre(0x4040, 0x6049, 0x4054));
}

TEST(Carrier, WithoutTheHintIoprioHasThePriorityAlone) {
  EXPECT_THAT(ioprios(Path::kIoprio, prio("rt", false)), ElementsAre(0x2000, 0x4000, 0x4007));
  EXPECT_THAT(ioprios(Path::kIoprio, prio("mqd3", false)), ElementsAre(0x2000, 0x4004, 0x6007));
}

// Beside an attribute there is a priority if it was given, and no hint: that would be replaced.
TEST(Carrier, AttrHasAPriorityIfItWasGiven) {
  EXPECT_THAT(ioprios(Path::kAttr, prio("rt")), ElementsAre(0x2000, 0x4000, 0x4007));
  EXPECT_THAT(ioprios(Path::kAttr, prio("be", true, false)), ElementsAre(kJob, kJob, kJob));
}

TEST(Carrier, TheOthersLeaveThePriorityOfTheJob) {
  for (const Path path : {Path::kNone, Path::kLabel, Path::kRwf, Path::kFile, Path::kRegion})
    EXPECT_THAT(ioprios(path, prio("rt")), ElementsAre(kJob, kJob, kJob));
}

TEST(Carrier, OnlyRwfHasFlags) {
  const auto flags = [](Path path) {
    std::vector<unsigned> out;
    for (const ClassHint& one : class_hints(path, prio("be"), kJob)) out.push_back(one.rw_flags);
    return out;
  };
  EXPECT_THAT(flags(Path::kRwf), ElementsAre(0, 0x2000, 0x4000, 0x8000, 0));
  for (const Path path : {Path::kNone, Path::kLabel, Path::kIoprio, Path::kAttr, Path::kFile})
    EXPECT_THAT(flags(path), testing::Each(0U));
}

// What is neither a class nor carried goes out as the job says, with every carrier.
TEST(Carrier, NormalIsTheJobs) {
  for (const Path path : {Path::kNone, Path::kIoprio, Path::kRwf, Path::kAttr}) {
    const ClassHint normal = class_hints(path, prio("rt"), kJob)[hint::index(Class::kNormal)];
    EXPECT_EQ(normal.sqe_ioprio, kJob);
    EXPECT_EQ(normal.rw_flags, 0U);
    EXPECT_EQ(normal.label, 0U);
  }
}

// The table is looked up by Path, and kv_path= and reports by the names.
TEST(Carrier, TheTableIsInTheOrderOfPath) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < carriers().size(); ++i) {
    EXPECT_EQ(carriers()[i]->path, static_cast<Path>(i));
    EXPECT_TRUE(names.insert(carriers()[i]->name).second) << carriers()[i]->name;
    EXPECT_STRNE(carriers()[i]->help, "");
  }
}

// What a carrier that is not in the I/O cannot do; the others take any job.
TEST(Carrier, OnlyThoseOfFilesRefuseAJob) {
  for (const CarrierInfo* info : carriers()) {
    const bool of_files = info->open != nullptr;
    EXPECT_EQ(info->check != nullptr, of_files) << info->name;
    if (!of_files) continue;
    EXPECT_TRUE(info->check({.direct = true}));
    EXPECT_FALSE(info->check({.direct = false}));
    EXPECT_FALSE(info->check({.direct = true, .mixes = true}));
    EXPECT_FALSE(info->check({.direct = true, .verifies = true}));
  }
}

TEST(Carrier, AutoNamesWhatItPassedOver) {
  Carrier carrier;
  EXPECT_EQ(passed_over(carrier), "");
  carrier.answers[static_cast<std::size_t>(Path::kAttr)] = {"refused", 0};
  carrier.answers[static_cast<std::size_t>(Path::kRwf)] = {"refused", EOPNOTSUPP};
  carrier.answers[static_cast<std::size_t>(Path::kIoprio)] = {"accepted", 0};
  EXPECT_EQ(passed_over(carrier), "attr refused, rwf refused (Operation not supported)");
}

}  // namespace
}  // namespace kairo::engine
