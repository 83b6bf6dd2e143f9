// SPDX-License-Identifier: GPL-2.0-only
// The tables of figures: every one is found by its name, and nothing else is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using ::testing::HasSubstr;
using testing::make_folder;

TEST(Figures, EveryNameFindsItsOwnFigure) {
  for (std::size_t i = 0; i < kRunFigures.size(); ++i) {
    const auto name = parse_metric_name(kRunFigures[i].key);
    ASSERT_TRUE(name) << kRunFigures[i].key;
    EXPECT_FALSE(name->io_class);
    EXPECT_EQ(name->place, i) << kRunFigures[i].key;
  }
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    const auto name = parse_metric_name(fmt::format("prefill.{}", kPercentiles[i].key));
    ASSERT_TRUE(name) << kPercentiles[i].key;
    EXPECT_TRUE(name->is_percentile);
    EXPECT_EQ(name->place, i);
  }
  for (std::size_t i = 0; i < kClassFigures.size(); ++i) {
    const auto name = parse_metric_name(fmt::format("prefill.{}", kClassFigures[i].key));
    ASSERT_TRUE(name) << kClassFigures[i].key;
    EXPECT_FALSE(name->is_percentile);
    EXPECT_EQ(name->place, i);
    EXPECT_EQ(name->io_class, IoClass::kPrefill);
  }
}

TEST(Figures, OthersAreNone) {
  for (const char* const name : {"", "p99_ns", "decode", "decode.", "decode.utilisation",
                                 "decode.p42_ns", "decoder.p99_ns", "utilization", "max_ns"})
    EXPECT_FALSE(parse_metric_name(name)) << name;
}

// A table that asks for a figure there is none of must not show another one.
TEST(FiguresDeathTest, AnUnknownOneEndsTheProgram) {
  const reports::Run run = testing::make_run("mix", "base", 1, 1000);
  EXPECT_DEATH(static_cast<void>(figure(run, "decode.p42_ns")), "'decode.p42_ns' is no figure");
  EXPECT_DEATH(static_cast<void>(figure(run, "steps_p42_per_s")), "is no figure");
  EXPECT_DEATH(static_cast<void>(metric_of("decode.median_ns")), "is no figure");
}

// By value, so that two figures of a table cannot be swapped.
TEST(Figures, EachIsComputedAsItself) {
  reports::Run run = testing::make_run("mix", "base", 1, 1000000);
  ClassResult& decode = *run.classes[1];
  decode.max_ns = 3000000;
  decode.with_deadline = 8;
  decode.missed = 2;
  EXPECT_EQ(figure(run, "decode.max_ns"), 3000000);
  EXPECT_EQ(figure(run, "decode.mean_ns"), 1000000);
  EXPECT_EQ(figure(run, "decode.ios"), 20000);
  EXPECT_EQ(figure(run, "decode.bytes_per_s"), 20000.0 * 65536 / 2);
  EXPECT_EQ(figure(run, "decode.missed"), 0.25);
  run.context_switches = 40000;
  run.user_ns = 6e7;
  run.system_ns = 1e8;
  EXPECT_EQ(figure(run, "switches_per_io"), 2);
  EXPECT_EQ(figure(run, "user_ns_per_io"), 3000);
  EXPECT_EQ(figure(run, "system_ns_per_io"), 5000);
  EXPECT_EQ(figure(run, "virtual_ns_per_io"), 25000);
  EXPECT_EQ(figure(run, "cpu_busy"), 0.25);
  EXPECT_EQ(figure(run, "utilisation"), 0.5);
}

TEST(Figures, EveryOneIsInTheCsv) {
  const auto report = build_report(make_folder(6, 0.5), "");
  ASSERT_TRUE(report);
  const std::string csv = to_csv(*report);
  for (const auto& figure : kRunFigures)
    EXPECT_THAT(csv, HasSubstr(fmt::format(",,{},", figure.key)));
  for (const auto& figure : kClassFigures)
    EXPECT_THAT(csv, HasSubstr(fmt::format(",decode,{},", figure.key)));
  for (const Percentile& percentile : kPercentiles)
    EXPECT_THAT(csv, HasSubstr(fmt::format(",decode,{},", percentile.key)));
}

}  // namespace
}  // namespace kairo::reports
