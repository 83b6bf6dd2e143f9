// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kairo/base/files.h"
#include "kairo/experiments/definition.h"

namespace kairo::experiments {

// An experiment "07-mine" with the files that it names, whose definition each test changes.
class DefinitionFixture : public testing::Test {
 protected:
  explicit DefinitionFixture(std::string_view good) : good_(good) {
    for (const char* name : {"p.toml", "q.toml", "mix.fio"})
      EXPECT_TRUE(base::write_below(dir_.path() / "07-mine", name, "x"));
  }

  base::Result<Definition> load(std::string_view text) {
    EXPECT_TRUE(base::write_below(dir_.path() / "07-mine", "experiment.toml", text));
    return load_definition(dir_.path() / "07-mine");
  }

  [[nodiscard]] std::string replaced(std::string_view from, std::string_view to) const {
    std::string text = good_;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  // Each text is refused, and a part of the message.
  void expect_refusals(const std::vector<std::pair<std::string, std::string>>& cases) {
    for (const auto& [text, message] : cases) {
      const auto definition = load(text);
      ASSERT_FALSE(definition) << message;
      EXPECT_THAT(definition.error().message, testing::HasSubstr(message));
    }
  }

  base::TempDir dir_ = *base::TempDir::create("kairo-test-");

 private:
  std::string good_;
};

}  // namespace kairo::experiments
