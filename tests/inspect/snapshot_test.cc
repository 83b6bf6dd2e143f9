// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/inspect/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "kairo/base/files.h"

namespace kairo::inspect {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Captured in the guest from a device under kairo (provenance.txt).
const fs::path kCaptured = fs::path(KAIRO_SOURCE_DIR) / "tests/fixtures/inspect/kairo";

std::string value(const Snapshot& snapshot, std::string_view source, std::string_view row,
                  std::string_view name) {
  for (const Reading& reading : snapshot.readings)
    if (reading.source == source && reading.row == row && reading.name == name)
      return reading.value;
  return "no such reading";
}

TEST(Names, AreInTheTableOnceAndBelongToASource) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::set<std::string_view> known_sources;
  for (const Source& source : sources()) EXPECT_TRUE(known_sources.insert(source.name).second);
  for (const KnownName& known : known_names()) {
    EXPECT_TRUE(seen.insert({known.source, known.name}).second) << known.source << known.name;
    EXPECT_EQ(known_sources.count(known.source), 1U) << known.source;
  }
}

TEST(Snapshot, ReadsEverySourceOfADevice) {
  const auto snapshot = read_snapshot(kCaptured, "/dev/kssd0");
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  EXPECT_EQ(snapshot->scheduler, "kairo");
  EXPECT_EQ(value(*snapshot, "counters", "decode", "queued"), "1009");
  EXPECT_EQ(value(*snapshot, "sizes", "prefill", "64k"), "619");
  EXPECT_EQ(value(*snapshot, "latency", "decode total", "samples"), "1009");
  EXPECT_EQ(value(*snapshot, "in_flight", "decode", "requests"), "0");
  EXPECT_EQ(value(*snapshot, "in_flight", "evict", "budget"), "131072");
  EXPECT_EQ(value(*snapshot, "tunables", "", "control"), "adaptive");
  EXPECT_EQ(value(*snapshot, "flash_model", "", "writes"), "883");
  EXPECT_EQ(value(*snapshot, "flash_model_attributes", "", "dies"), "8");
  // Captured before there were contexts, placement, semantics, regions and streams.
  EXPECT_THAT(snapshot->absent, ElementsAre("contexts", "semantics", "placement", "regions",
                                            "mq_deadline", "flash_model_streams"));
  EXPECT_THAT(snapshot->missing, IsEmpty());
  EXPECT_THAT(snapshot->unlisted, IsEmpty());
}

TEST(Snapshot, ComesBackFromItsJson) {
  const auto snapshot = read_snapshot(kCaptured, "kssd0");
  ASSERT_TRUE(snapshot);
  const std::string text = to_json_text(*snapshot);
  const auto again = parse_snapshot(text, "a.json");
  ASSERT_TRUE(again) << again.error().message;
  Snapshot same = *again;
  same.absent = snapshot->absent;
  EXPECT_EQ(to_json_text(same), text);
}

TEST(Snapshot, RowsOfOneNameAreALineEach) {
  Snapshot snapshot;
  snapshot.readings = {{"counters", "decode", "queued", "11"},
                       {"counters", "decode", "queued", "22"}};
  const std::string name = fmt::format("  {:<16}", "decode");
  EXPECT_THAT(to_text(snapshot),
              testing::HasSubstr(fmt::format("{0} {1:>11}\n{0} {2:>11}\n", name, 11, 22)));
}

TEST(Snapshot, TellsWhatTheTableDoesNotHave) {
  const auto copy = base::TempDir::create("kairo-inspect-");
  ASSERT_TRUE(copy);
  fs::copy(kCaptured, copy->path(), fs::copy_options::recursive);
  const fs::path iosched = copy->path() / "sys/block/kssd0/queue/iosched";
  ASSERT_TRUE(base::write_file(iosched / "newer_tunable", "1\n"));
  fs::remove(iosched / "front_merges");
  const auto snapshot = read_snapshot(copy->path(), "kssd0");
  ASSERT_TRUE(snapshot);
  EXPECT_THAT(snapshot->unlisted, ElementsAre("tunables/newer_tunable"));
  EXPECT_THAT(snapshot->missing, ElementsAre("tunables/front_merges"));
  EXPECT_THAT(to_text(*snapshot), HasSubstr("unknown to kairo counters: tunables/newer_tunable"));
}

TEST(Snapshot, OfAnotherSchedulerSaysWhatIsAbsent) {
  const auto copy = base::TempDir::create("kairo-inspect-");
  ASSERT_TRUE(copy);
  fs::copy(kCaptured, copy->path(), fs::copy_options::recursive);
  ASSERT_TRUE(base::write_file(copy->path() / "sys/block/kssd0/queue/scheduler",
                               "none mq-deadline kyber [bfq] kairo\n"));
  const auto snapshot = read_snapshot(copy->path(), "kssd0");
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->scheduler, "bfq");
  EXPECT_THAT(snapshot->absent, Contains("counters"));
  EXPECT_THAT(snapshot->absent, Contains("tunables"));
  EXPECT_EQ(value(*snapshot, "counters", "decode", "queued"), "no such reading");
}

TEST(Snapshot, RefusesWhatIsNoDevice) {
  for (const char* const name : {"kssd1", "", "../block/kssd0"}) {
    const auto snapshot = read_snapshot(kCaptured, name);
    ASSERT_FALSE(snapshot) << name;
    EXPECT_EQ(snapshot.error().code, base::ErrorCode::kInput);
    EXPECT_THAT(snapshot.error().message, HasSubstr("not a block device"));
  }
}

TEST(Difference, SubtractsCountersAndKeepsTheRest) {
  Snapshot before{"6.12", "kssd0", "kairo"};
  before.readings = {{"counters", "decode", "queued", "10"},
                     {"in_flight", "decode", "requests", "7"},
                     {"tunables", "", "control", "off"}};
  Snapshot after = before;
  after.readings[0].value = "25";
  after.readings[1].value = "3";
  after.readings[2].value = "adaptive";
  const auto delta = difference(before, after);
  ASSERT_TRUE(delta);
  EXPECT_EQ(value(*delta, "counters", "decode", "queued"), "15");
  EXPECT_EQ(value(*delta, "in_flight", "decode", "requests"), "3");
  EXPECT_EQ(value(*delta, "tunables", "", "control"), "adaptive");

  const auto back = difference(after, before);
  ASSERT_FALSE(back);
  EXPECT_THAT(back.error().message, HasSubstr("went back from 25 to 10"));
  after.device = "kssd1";
  EXPECT_FALSE(difference(before, after));
}

TEST(Parse, RefusesWhatIsNoSnapshot) {
  EXPECT_THAT(parse_snapshot("[]", "a.json").error().message, HasSubstr("a.json"));
  EXPECT_THAT(parse_snapshot("{", "a.json").error().message, HasSubstr("not JSON"));
  EXPECT_THAT(parse_snapshot(R"({"schema":2})", "a").error().message, HasSubstr("schema"));
  EXPECT_THAT(parse_snapshot(R"({"schema":1,"kernel":"k","device":"d","scheduler":"s"})", "a")
                  .error()
                  .message,
              HasSubstr("readings"));
  EXPECT_THAT(parse_snapshot(R"({"schema":1,"kernel":"k","device":"d","scheduler":"s",
                                 "readings":[{"source":"counters"}]})",
                             "a")
                  .error()
                  .message,
              HasSubstr("\"row\""));
}

}  // namespace
}  // namespace kairo::inspect
