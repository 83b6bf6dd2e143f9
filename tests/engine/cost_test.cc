// SPDX-License-Identifier: GPL-2.0-only
// The tables of `kairo engine cost`: ratios against the first engine of the same point, n/a for
// what was not measured.
#include "cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kairo::engine {
namespace {

using testing::HasSubstr;

TEST(Cost, HostTable) {
  Cost fio{.name = "fio", .instructions = 2500, .enters = 1, .cpu_ns = {}, .iops = 1000};
  Cost ours{.name = "kairo", .instructions = 2450, .enters = 0.5, .cpu_ns = 900, .iops = 1100};
  const std::string table = host_table({fio, ours});
  EXPECT_THAT(table,
              HasSubstr("| fio | 2500 | 1.000 | 1.0000 | 1.000 | n/a | n/a | 1000 | 1.000 |"));
  EXPECT_THAT(table,
              HasSubstr("| kairo | 2450 | 0.980 | 0.5000 | 0.500 | 900 | n/a | 1100 | 1.100 |"));
}

TEST(Cost, GuestTableComparesTheSamePoint) {
  const std::string table = guest_table({{"fio", 32, 1, 8000},
                                         {"kairo", 32, 1, 7200},
                                         {"fio", 32, 16, 5000},
                                         {"kairo", 32, 16, 5500},
                                         {"kairo", 64, 64, 5500}});
  EXPECT_THAT(table, HasSubstr("| kairo | 32 | 1 | 7200 | 0.900 | 138889 | 1.111 |"));
  EXPECT_THAT(table, HasSubstr("| kairo | 32 | 16 | 5500 | 1.100 | 181818 | 0.909 |"));
  EXPECT_THAT(table, HasSubstr("| kairo | 64 | 64 | 5500 | n/a | 181818 | n/a |"));
}

TEST(Cost, FiosOwnEngineIsTheFirstVariant) {
  const auto all = variants("/x/kairo.so");
  ASSERT_GE(all.size(), 3U);
  EXPECT_EQ(all[0].options[0], "--ioengine=io_uring");
  for (std::size_t i = 1; i < all.size(); ++i)
    EXPECT_EQ(all[i].options[0], "--ioengine=external:/x/kairo.so");
}

}  // namespace
}  // namespace kairo::engine
