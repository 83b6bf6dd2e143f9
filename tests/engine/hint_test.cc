// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/hint.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/test_support/skip.h"

extern "C" int kairo_h_classes(void);
extern "C" int kairo_h_hint(int number);

namespace kairo::hint {
namespace {

namespace fs = std::filesystem;

TEST(Hint, TheHeaderIsC) {
  EXPECT_EQ(kairo_h_classes(), 5);
  const int wanted[] = {0x2000, 0x4000, 0x8000, 8, 9, 10, 11, 64 + 64, 1152, 1153};
  for (int i = 0; const int value : wanted) EXPECT_EQ(kairo_h_hint(i++), value);
}

// What bindgen and cffi make constants of: names with a plain number. Neither takes macros with
// arguments, code in a header or bit-fields.
TEST(Hint, OtherLanguagesCanReadTheCHeader) {
  std::string text = base::read_file(KAIRO_SOURCE_DIR "/uapi/include/linux/kairo.h").value();
  text = std::regex_replace(text, std::regex(R"(/\*[^]*?\*/)"), "");
  std::set<std::string> constants;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::regex number(R"(#define \w+\s+(0x[0-9a-fA-F]+|\d+|\(1U?(LL)? << \d+\))U?\s*)");
    const std::regex guard("#define _UAPI_LINUX_KAIRO_H");
    if (!line.starts_with("#define") || std::regex_match(line, guard)) continue;
    EXPECT_TRUE(std::regex_match(line, number)) << line;
    std::istringstream words(line);
    std::string name;
    words >> name >> name;
    constants.insert(name);
  }
  // All that a program needs, so no other header has to be read.
  EXPECT_THAT(
      constants,
      testing::IsSupersetOf(
          {"KAIRO_CLASS_EVICT", "RWF_KV_DECODE", "RWF_KV_PREFETCH", "RWF_KV_PREFILL", "RWF_KV_MASK",
           "IOPRIO_HINT_KV_DECODE", "IOPRIO_HINT_KV_PREFETCH", "IOPRIO_HINT_KV_PREFILL",
           "IOPRIO_HINT_KV_EVICT", "IOPRIO_HINT_KV_PREFETCH_BY", "F_SET_KV_CLASS",
           "KAIRO_RW_ATTR_FLAG", "KAIRO_REGISTER_CONTEXT", "KAIRO_REGISTER_REGION"}));
  for (const char* const word : {"inline", "static", "typedef", "enum", "__attribute__"})
    EXPECT_EQ(text.find(word), std::string::npos) << word;
  EXPECT_FALSE(std::regex_search(text, std::regex(R"(\w+\s*:\s*\d+\s*;)"))) << "a bit-field";
}

TEST(Hint, NamesAreTheOnesOfEveryFile) {
  EXPECT_EQ(name(Class::kNormal), "normal");
  EXPECT_EQ(name(Class::kEvict), "evict");
  for (std::size_t i = 0; i < kClasses; ++i)
    EXPECT_EQ(parse_class(kClassNames[i]), static_cast<Class>(i));
  for (const char* bad : {"", "Decode", "decode ", "write"}) EXPECT_FALSE(parse_class(bad)) << bad;
}

// hint.hpp says with constants of its own what linux/kairo.h says with macros.
TEST(Hint, BothHeadersSayTheSame) {
  EXPECT_EQ(kRwfDecode, RWF_KV_DECODE);
  EXPECT_EQ(kRwfPrefetch, RWF_KV_PREFETCH);
  EXPECT_EQ(kRwfPrefill, RWF_KV_PREFILL);
  EXPECT_EQ(kRwfMask, RWF_KV_MASK);
  EXPECT_EQ(kIoprioHintDecode, IOPRIO_HINT_KV_DECODE);
  EXPECT_EQ(kIoprioHintEvict, IOPRIO_HINT_KV_EVICT);
  EXPECT_EQ(kIoprioHintPrefetchBy, IOPRIO_HINT_KV_PREFETCH_BY);
  EXPECT_EQ(kDeadlines, IOPRIO_KV_NR_DEADLINES);
  EXPECT_EQ(kGetFileClass, F_GET_KV_CLASS);
  EXPECT_EQ(kSetFileClass, F_SET_KV_CLASS);
}

// The numbers of the kernel's ABI, by hand.
TEST(Hint, IoprioValues) {
  EXPECT_EQ(encode({PrioClass::kBestEffort, 4, Class::kDecode}), 0x4044);
  EXPECT_EQ(encode({PrioClass::kRealTime, 0, Class::kDecode}), 0x2040);
  EXPECT_EQ(encode({PrioClass::kBestEffort, 7, Class::kPrefill}), 0x4057);
  EXPECT_EQ(encode({PrioClass::kNone, 0, Class::kEvict}), 0x0058);
  EXPECT_EQ(encode({PrioClass::kIdle, 0, Class::kNormal}), 0x6000);
}

TEST(Hint, IoprioRoundTripsForEveryClassAndLevel) {
  for (std::size_t c = 0; c < kClasses; ++c) {
    for (const auto prio : {PrioClass::kNone, PrioClass::kRealTime, PrioClass::kBestEffort}) {
      for (unsigned level = 0; level < 8; ++level) {
        const Class cls = static_cast<Class>(c);
        const std::uint16_t value = encode({prio, level, cls});
        EXPECT_EQ(class_of_ioprio(value), cls);
        EXPECT_EQ(value >> 13, static_cast<int>(prio));
        EXPECT_EQ(value & 7U, level);
      }
    }
  }
}

// Command duration limits (1 to 7) and values nobody defined are not ours.
TEST(Hint, OtherHintsAreNoClass) {
  for (unsigned hint = 0; hint < 1024; ++hint) {
    const Class cls = class_of_ioprio(static_cast<std::uint16_t>(2U << 13 | hint << 3 | 4));
    EXPECT_EQ(cls != Class::kNormal, (hint >= 8 && hint <= 11) || (hint >= 64 && hint < 128))
        << hint;
  }
}

TEST(Hint, RwfValues) {
  EXPECT_EQ(rwf(Class::kDecode), 0x2000U);
  EXPECT_EQ(rwf(Class::kPrefetch), 0x4000U);
  EXPECT_EQ(rwf(Class::kPrefill), 0x8000U);
  EXPECT_EQ(rwf(Class::kNormal), 0U);
  EXPECT_EQ(rwf(Class::kEvict), 0U);
  for (const Class cls : {Class::kDecode, Class::kPrefetch, Class::kPrefill})
    EXPECT_EQ(class_of_rwf(rwf(cls) | 0x8), cls);
  EXPECT_EQ(class_of_rwf(0x8), Class::kNormal);
  EXPECT_EQ(class_of_rwf(0x6000), std::nullopt);
  EXPECT_EQ(class_of_rwf(0xE000), std::nullopt);
}

TEST(Hint, WhatAClassMayDo) {
  EXPECT_TRUE(allowed(Class::kDecode, Op::kRead));
  EXPECT_FALSE(allowed(Class::kDecode, Op::kWrite));
  EXPECT_FALSE(allowed(Class::kPrefetch, Op::kDiscard));
  EXPECT_TRUE(allowed(Class::kPrefill, Op::kWrite));
  EXPECT_FALSE(allowed(Class::kPrefill, Op::kRead));
  EXPECT_TRUE(allowed(Class::kEvict, Op::kDiscard));
  EXPECT_TRUE(allowed(Class::kNormal, Op::kDiscard));
}

// The kernel that runs this test has Kairo or not; either way the probe must know.
TEST(Hint, TheRwfProbeGivesAnAnswer) {
  const auto dir = base::TempDir::create("kairo-test-");
  ASSERT_TRUE(dir);
  const auto path = dir->path() / "file";
  ASSERT_TRUE(base::write_file(path, std::string(8192, 'x')));
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const ProbeResult result = probe_rwf(fd);
  close(fd);
  EXPECT_NE(result.support, Support::kUnknown) << result.error;
  EXPECT_EQ(result.error == 0, result.support == Support::kAccepted);
  EXPECT_EQ(probe_rwf(-1).support, Support::kUnknown);
  EXPECT_EQ(probe_rwf(-1).error, EBADF);
}

TEST(Hint, TheThreadCarriesAndLosesAHint) {
  const ProbeResult probe = probe_ioprio(encode({PrioClass::kBestEffort, 4, Class::kDecode}));
  if (probe.support == Support::kRefused)
    GTEST_SKIP() << test_support::kCannotBeHere << "this kernel has no I/O priority hints";
  ASSERT_EQ(probe.support, Support::kAccepted) << probe.error;
  EXPECT_EQ(thread_class(), Class::kNormal);  // the probe took it back
  ASSERT_EQ(set_thread_ioprio({PrioClass::kBestEffort, 4, Class::kPrefetch}), 0);
  EXPECT_EQ(thread_class(), Class::kPrefetch);
  ASSERT_EQ(set_thread_ioprio({PrioClass::kBestEffort, 4, Class::kNormal}), 0);
  EXPECT_EQ(thread_class(), Class::kNormal);
}

// The choice agrees with the probes and takes back the priority that it tried.
TEST(Hint, TheChoiceLeavesNothingBehind) {
  const auto dir = base::TempDir::create("kairo-hint-");
  ASSERT_TRUE(dir);
  ASSERT_TRUE(base::write_file(dir->path() / "f", std::string(4096, 'x')));
  const int fd = open((dir->path() / "f").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  // Neither the priority of a thread that has none nor the kernel's default.
  const Ioprio before = {PrioClass::kBestEffort, 6, Class::kNormal};
  ASSERT_EQ(set_thread_ioprio(before), 0);
  const Carrier carrier = choose_carrier(fd);
  constexpr int kWhoProcess = 1;
  EXPECT_EQ(syscall(SYS_ioprio_get, kWhoProcess, 0), encode(before));
  const bool rwf = probe_rwf(fd).support == Support::kAccepted;
  EXPECT_EQ(carrier == Carrier::kRwf, rwf);
  // A ring with the attribute does not help where the file does not take hints.
  EXPECT_EQ(choose_carrier(fd, KAIRO_FEAT_RW_ATTR) == Carrier::kAttr, rwf);
  if (carrier == Carrier::kNone) {
    EXPECT_NE(probe_ioprio(encode({PrioClass::kBestEffort, 4, Class::kDecode})).support,
              Support::kAccepted);
  }
  close(fd);
}

TEST(Hint, ARegionSaysWhatItWasGivenAndNothingElse) {
  kairo_region_reg reg = region(5, 4096, 65536, Class::kPrefetch, Class::kEvict, 9);
  EXPECT_EQ(reg.size, 56U);
  EXPECT_EQ(reg.version, 1U);
  EXPECT_EQ(reg.fd, 5);
  EXPECT_EQ(reg.offset, 4096U);
  EXPECT_EQ(reg.length, 65536U);
  EXPECT_EQ(reg.read_class, KAIRO_CLASS_PREFETCH);
  EXPECT_EQ(reg.write_class, KAIRO_CLASS_EVICT);
  EXPECT_EQ(reg.context, 9U);
  EXPECT_EQ(reg.flags, 0U);
  EXPECT_EQ(reg.id, 0U);
  EXPECT_THAT(reg.resv, testing::Each(0U));
  EXPECT_EQ(region(5, 0, 1, Class::kDecode).write_class, KAIRO_CLASS_NORMAL);
  // A kernel without regions looks at the number of the call first.
  EXPECT_THAT(register_region(-1, reg), testing::AnyOf(EBADF, EINVAL));
  EXPECT_THAT(unregister_region(-1, 1), testing::AnyOf(EBADF, EINVAL));
}

TEST(Hint, TheHeaderIsTheSeries) {
  constexpr const char* kHeader = "include/uapi/linux/kairo.h";
  const auto tree = base::TempDir::create("kairo-hint-");
  ASSERT_TRUE(tree);
  std::vector<fs::path> patches;
  const fs::path series = fs::path(KAIRO_SOURCE_DIR) / "kernel/series/6.12";
  for (const auto& entry : fs::directory_iterator(series)) {
    const auto text = base::read_file(entry.path());
    ASSERT_TRUE(text) << text.error().message;
    if (text->find(std::string("+++ b/") + kHeader) != std::string::npos)
      patches.push_back(entry.path());
  }
  ASSERT_FALSE(patches.empty()) << "no patch touches " << kHeader;
  std::sort(patches.begin(), patches.end());
  for (const fs::path& patch : patches) {
    const auto applied =
        base::run({.argv = {"git", "apply", std::string("--include=") + kHeader, patch.string()},
                   .directory = tree->path()});
    ASSERT_TRUE(applied) << applied.error().message;
    ASSERT_EQ(applied->exit_code, 0) << patch << applied->err;
  }
  EXPECT_EQ(base::read_file(KAIRO_SOURCE_DIR "/uapi/include/linux/kairo.h").value(),
            base::read_file(tree->path() / kHeader).value());
}

TEST(Hint, DeadlinesOfAPrefetch) {
  EXPECT_EQ(deadline_us(0), 64U);
  EXPECT_EQ(deadline_us(kDeadlines - 1), 3'670'016U);
  for (unsigned number = 1; number < kDeadlines; ++number) {
    EXPECT_GT(deadline_us(number), deadline_us(number - 1));
    EXPECT_LE(deadline_us(number), deadline_us(number - 1) * 5 / 4);
    EXPECT_EQ(prefetch_hint(deadline_us(number)), kIoprioHintPrefetchBy + number);
    EXPECT_EQ(prefetch_hint(deadline_us(number) - 1), kIoprioHintPrefetchBy + number - 1);
  }
  EXPECT_EQ(prefetch_hint(0), kIoprioHintPrefetchBy);
  EXPECT_EQ(prefetch_hint(~0U), kIoprioHintPrefetchBy + kDeadlines - 1);
  for (const unsigned hint : {64U, 127U})
    EXPECT_EQ(class_of_ioprio(static_cast<std::uint16_t>(hint << kHintShift)), Class::kPrefetch);
  for (const unsigned hint : {63U, 128U})
    EXPECT_EQ(class_of_ioprio(static_cast<std::uint16_t>(hint << kHintShift)), Class::kNormal);
}

}  // namespace
}  // namespace kairo::hint
