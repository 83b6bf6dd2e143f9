// SPDX-License-Identifier: GPL-2.0-only
// The fuzzers' inputs, every find among them, through the same code without a fuzzer.
#include <gtest/gtest.h>

#include <cstdint>

#include "folder_fixture.h"

// The entry points of fio_json_fuzz.cc and log_reader_fuzz.cc under names of their own.
extern "C" int fio_json_fuzz_input(const std::uint8_t* data, std::size_t size);
extern "C" int log_reader_fuzz_input(const std::uint8_t* data, std::size_t size);

namespace kairo::reports {
namespace {

unsigned replay(const char* folder, int (*input)(const std::uint8_t*, std::size_t)) {
  unsigned files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(testing::kFixtures / folder)) {
    const auto text = base::read_file(entry.path());
    EXPECT_TRUE(text) << entry.path();
    if (!text) continue;
    EXPECT_EQ(input(reinterpret_cast<const std::uint8_t*>(text->data()), text->size()), 0)
        << entry.path();
    ++files;
  }
  return files;
}

TEST(FuzzSeeds, AreReadOrRefused) {
  EXPECT_GE(replay("fuzz/fio_json", fio_json_fuzz_input), 4U);
  EXPECT_GE(replay("fio", fio_json_fuzz_input), 7U);
  EXPECT_GE(replay("options", fio_json_fuzz_input), 15U);
  EXPECT_GE(replay("fuzz/log_reader", log_reader_fuzz_input), 7U);
}

}  // namespace
}  // namespace kairo::reports
