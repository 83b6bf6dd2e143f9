// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/units.h"

#include <gtest/gtest.h>

namespace kairo::base {
namespace {

TEST(Units, Numbers) {
  EXPECT_EQ(parse_u64("18446744073709551615"), 18446744073709551615ULL);
  for (const char* bad : {"", "-1", "+1", "1 ", " 1", "1.0", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_u64(bad)) << bad;
  EXPECT_EQ(parse_double("0.25"), 0.25);
  for (const char* bad : {"", "nan", "inf", "1x"}) EXPECT_FALSE(parse_double(bad)) << bad;
}

TEST(Units, Bytes) {
  EXPECT_EQ(parse_bytes("4096").value(), 4096U);
  EXPECT_EQ(parse_bytes("64k").value(), 65536U);
  EXPECT_EQ(parse_bytes("1.5MiB").value(), 1572864U);
  EXPECT_EQ(parse_bytes("2GB").value(), 2147483648U);
  EXPECT_EQ(parse_bytes("7B").value(), 7U);
  for (const char* bad : {"", "k", "-1", "1x", "1kk", "1e9", "99999999P"})
    EXPECT_FALSE(parse_bytes(bad)) << bad;
}

TEST(Units, Durations) {
  EXPECT_EQ(parse_duration_ns("100ns").value(), 100U);
  EXPECT_EQ(parse_duration_ns("2.5ms").value(), 2500000U);
  EXPECT_EQ(parse_duration_ns("1h").value(), 3600000000000U);
  for (const char* bad : {"", "5", "5 s", "-1s", "1d"}) EXPECT_FALSE(parse_duration_ns(bad)) << bad;
}

TEST(Units, Formats) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1ULL << 30), "1 GiB");
  EXPECT_EQ(format_duration_ns(999), "999 ns");
  EXPECT_EQ(format_duration_ns(1234567), "1.23 ms");
  EXPECT_EQ(format_duration_ns(741000), "741 µs");
  EXPECT_EQ(format_duration_ns(19999999), "20.0 ms");
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_count(123456), "123,456");
}

}  // namespace
}  // namespace kairo::base
