// SPDX-License-Identifier: GPL-2.0-only
// Usage errors of the `kairo` command: what is wrong is named, the exit status is 2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/process.h"

namespace kairo {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

base::ProcessResult kairo(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), KAIRO_PROGRAM);
  auto result = base::run({.argv = std::move(arguments)});
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : base::ProcessResult{};
}

TEST(Command, AnUnknownWordIsNamed) {
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"fly"}, {"kernel", "fly"}, {"trace", "fly", "a.jsonl"}}) {
    const auto result = kairo(line);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, AllOf(StartsWith("kairo: "), HasSubstr("'fly'"), HasSubstr("--help")));
  }
}

TEST(Command, AnUnknownOptionIsNamed) {
  const auto result = kairo({"kernel", "build", "--fast"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(StartsWith("kairo: "), HasSubstr("--fast")));
}

TEST(Command, WithoutASubcommandItSaysSo) {
  const auto result = kairo({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, StartsWith("kairo: A subcommand is required"));
}

TEST(Command, HelpIsNoError) {
  const auto result = kairo({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("Example: "));
}

}  // namespace
}  // namespace kairo
