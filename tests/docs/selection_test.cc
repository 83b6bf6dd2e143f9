// SPDX-License-Identifier: GPL-2.0-only
// A misspelt -R or -L is no success: ctest's own rule is to end with 0 where it selects nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo {
namespace {

constexpr const char* kSource = KAIRO_SOURCE_DIR;

TEST(Selection, OfNothingIsAnErrorInEveryPreset) {
  const auto text = base::read_file(std::string(kSource) + "/CMakePresets.json", 1 << 20);
  ASSERT_TRUE(text) << text.error().message;
  const auto presets = nlohmann::json::parse(*text).at("testPresets");
  EXPECT_GE(presets.size(), 4U);
  for (const auto& preset : presets)
    EXPECT_EQ(preset.value("/execution/noTestsAction"_json_pointer, "ignore"), "error")
        << preset.at("name");
}

// As ./check calls it.
TEST(Selection, OfNothingFails) {
  for (const char* how : {"-R", "-L"}) {
    const auto done = base::run({.argv = {"sh", "-c", "cd \"$0\" && ctest --preset default \"$@\"",
                                          kSource, how, "nothing-like-this"}});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_NE(done->exit_code, 0) << how << "\n" << done->out << done->err;
  }
}

}  // namespace
}  // namespace kairo
