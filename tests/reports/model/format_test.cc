// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/reports/format.h"

#include <gtest/gtest.h>

namespace kairo::reports {
namespace {

TEST(Format, ThreeSignificantDigits) {
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_number(0.0304), "0.0304");
  EXPECT_EQ(format_number(6.1249), "6.12");
  EXPECT_EQ(format_number(9.996), "10.0");
  EXPECT_EQ(format_number(61.25), "61.2");
  EXPECT_EQ(format_number(99.96), "100");
  EXPECT_EQ(format_number(612.4), "612");
  EXPECT_EQ(format_number(20054), "20,054");
  EXPECT_EQ(format_number(-20054), "-20,054");
}

TEST(Format, UnitsSuitTheValue) {
  EXPECT_EQ(format_with_unit(880, Unit::kNanoseconds), "880 ns");
  EXPECT_EQ(format_with_unit(612000, Unit::kNanoseconds), "612 µs");
  EXPECT_EQ(format_with_unit(20054000, Unit::kNanoseconds), "20,054 µs");
  EXPECT_EQ(format_with_unit(152044000, Unit::kNanoseconds), "152 ms");
  EXPECT_EQ(format_with_unit(1.5835e9, Unit::kBytesPerSecond), "1,584 MB/s");
  EXPECT_EQ(format_with_unit(0.874, Unit::kFraction), "87.4 %");
  // An empty column keeps the usual unit.
  EXPECT_EQ(scale_for(0, Unit::kNanoseconds).name, "µs");
  EXPECT_EQ(format_runs(1), "1 run");
  EXPECT_EQ(format_with_unit(4099, Unit::kCount), "4,099");
}

TEST(Format, MissingIsNotZero) {
  EXPECT_EQ(format_optional(std::nullopt), "n/a");
  EXPECT_EQ(format_optional(0.0), "0");
  EXPECT_EQ(format_optional(1500.0, 1e-3), "1.50");
}

TEST(Format, SmallP) {
  EXPECT_EQ(format_p(0.00001), "< 0.0001");
  EXPECT_EQ(format_p(0.0022), "0.0022");
  EXPECT_EQ(format_p(0.446), "0.45");
}

TEST(Table, IsAlignedAsPlainText) {
  Table table({"arm", "p99 µs"});
  table.add({"none", "20,054"});
  table.add({"kairo"});
  EXPECT_EQ(table.markdown(),
            "| arm   | p99 µs |\n"
            "|-------|-------:|\n"
            "| none  | 20,054 |\n"
            "| kairo |        |\n");
}

}  // namespace
}  // namespace kairo::reports
