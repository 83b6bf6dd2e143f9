// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/experiments/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"

namespace kairo::experiments {
namespace {

using testing::HasSubstr;

constexpr std::string_view kGood =
    "[device]\n"
    "dies = 8\n"
    "page_kib = 64\n"
    "read_us = 80\n"
    "program_us = 300\n"
    "discard_us = 30\n"
    "tags = 1023\n"
    "size_gib = 16\n";

class ProfileTest : public testing::Test {
 protected:
  base::Result<DeviceProfile> load(std::string_view text) {
    const auto file = dir_->path() / "mine.toml";
    EXPECT_TRUE(base::write_file(file, text));
    return load_profile(file);
  }
  base::Result<base::TempDir> dir_ = base::TempDir::create("kairo-test-");
};

TEST_F(ProfileTest, ReadsEveryKeyAndNamesItselfAfterTheFile) {
  const auto profile = load(kGood);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->name, "mine");
  EXPECT_EQ(profile->dies, 8U);
  EXPECT_EQ(profile->max_request_kib, 128U);
  EXPECT_THAT(profile->attributes(), testing::Contains(testing::Pair("program_us", 300U)));
  EXPECT_EQ(profile->attributes().size(), 8U);
}

TEST_F(ProfileTest, GarbageCollectionIsWrittenOnlyWhenItIsOn) {
  const auto off = load(std::string(kGood) + "streams = 5\n");
  ASSERT_TRUE(off) << off.error().message;
  EXPECT_EQ(off->attributes().size(), 8U);
  const auto on = load(std::string(kGood) + "gc = 1\nspare_percent = 28\nstreams = 5\n");
  ASSERT_TRUE(on) << on.error().message;
  EXPECT_EQ(on->attributes().size(), 13U);
  EXPECT_THAT(on->attributes(), testing::Contains(testing::Pair("spare_percent", 28U)));
  EXPECT_THAT(on->attributes(), testing::Contains(testing::Pair("block_pages", 64U)));
}

TEST_F(ProfileTest, TraitsAreWrittenWhenTheyAreNotZero) {
  const std::vector<std::pair<std::string, std::uint64_t>> traits = {{"write_buffer_kib", 8192},
                                                                     {"buffer_ack_us", 10},
                                                                     {"buffer_blocks_queue", 1},
                                                                     {"read_first", 1},
                                                                     {"suspend_us", 20},
                                                                     {"spread_percent", 25},
                                                                     {"outlier_ppm", 1000},
                                                                     {"outlier_factor", 8},
                                                                     {"pause_every_ms", 2000},
                                                                     {"pause_ms", 3},
                                                                     {"slc_gib", 2},
                                                                     {"slc_program_us", 100},
                                                                     {"channels", 8},
                                                                     {"channel_mb_s", 800},
                                                                     {"link_mb_s", 3360}};
  std::string zeroes(kGood), text(kGood);
  for (const auto& [key, value] : traits) {
    zeroes += fmt::format("{} = 0\n", key);
    text += fmt::format("{} = {}\n", key, value);
  }
  const auto off = load(zeroes);
  ASSERT_TRUE(off) << off.error().message;
  EXPECT_EQ(off->attributes().size(), 8U);
  const auto on = load(text);
  ASSERT_TRUE(on) << on.error().message;
  EXPECT_EQ(on->attributes().size(), 8 + traits.size());
  for (const auto& trait : traits) EXPECT_THAT(on->attributes(), testing::Contains(trait));
}

TEST_F(ProfileTest, TraitsThatMakeNoDriveAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"spread_percent = 101\n", "device.spread_percent: 101 is out of range (from 0 to 100)"},
      {"link_mb_s = 100001\n", "out of range"},
      {"chunk_kib = 6\n", "device.chunk_kib: 6 is not a multiple of 4"},
      {"write_buffer_kib = 63\n", "device.write_buffer_kib: 63 is less than a page (64 KiB)"},
      {"outlier_ppm = 1\n", "device.outlier_ppm: outliers need an outlier_factor"},
      {"slc_gib = 1\n", "device.slc_gib: fast flash needs a slc_program_us"},
      {"read_frist = 1\n", "device.read_frist: unknown key"}};
  for (const auto& [line, message] : cases) {
    const auto profile = load(std::string(kGood) + line);
    ASSERT_FALSE(profile) << line;
    EXPECT_THAT(profile.error().message, HasSubstr(message));
  }
}

TEST_F(ProfileTest, ReadRateIsAShareOfThePagesTheDiesCanRead) {
  const auto profile = load(kGood);
  ASSERT_TRUE(profile);
  EXPECT_DOUBLE_EQ(profile->read_rate(0.02, 64 * 1024), 2000);   // 8 dies / 80 us = 100,000 pages/s
  EXPECT_DOUBLE_EQ(profile->read_rate(0.04, 128 * 1024), 2000);  // two pages each
  EXPECT_DOUBLE_EQ(profile->read_rate(0.02, 4096), 2000);        // a whole page all the same
}

TEST_F(ProfileTest, ErrorsNameFileLineKeyAndRange) {
  const auto replaced = [](std::string_view from, std::string_view to) {
    std::string text(kGood);
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const std::pair<std::string, std::string> cases[] = {
      {replaced("dies = 8", "dies = 0"),
       "mine.toml:2: device.dies: 0 is out of range (from 1 to 256)"},
      {replaced("dies = 8\n", ""), "device.dies: missing (give a whole number"},
      {replaced("tags = 1023", "tags = \"many\""), "mine.toml:7: device.tags: not a whole number"},
      {replaced("page_kib = 64", "page_kib = 48"), "48 is not a power of two"},
      {replaced("tags = 1023", "tag = 1023"), "mine.toml:7: device.tag: unknown key"},
      {replaced("[device]", "[drive]"), "drive: unknown key (known: device)"},
      {replaced("dies = 8", "dies = "), "mine.toml:2:"},
      {"", "no [device] table"},
  };
  for (const auto& [text, message] : cases) {
    const auto profile = load(text);
    ASSERT_FALSE(profile) << text;
    EXPECT_THAT(profile.error().message, HasSubstr(message));
  }
}

TEST(Profiles, EveryPublishedProfileLoads) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(KAIRO_SOURCE_DIR) / "experiments" / "profiles")) {
    if (entry.path().extension() != ".toml") continue;
    const auto profile = load_profile(entry.path());
    EXPECT_TRUE(profile) << profile.error().message;
    ++count;
  }
  EXPECT_GE(count, 19U);
}

}  // namespace
}  // namespace kairo::experiments
