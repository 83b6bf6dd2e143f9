// SPDX-License-Identifier: GPL-2.0-only
// What quickstart refuses before it installs or builds anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo {
namespace {

using testing::HasSubstr;

base::ProcessResult quickstart(std::vector<std::string> arguments,
                               std::map<std::string, std::string> environment = {}) {
  arguments.insert(arguments.begin(), KAIRO_SOURCE_DIR "/quickstart");
  auto result = base::run({.argv = std::move(arguments),
                           .environment = std::move(environment),
                           .timeout = std::chrono::seconds(20)});
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : base::ProcessResult{};
}

TEST(Quickstart, RefusesWhatItDoesNotKnow) {
  const auto option = quickstart({"--fast"});
  EXPECT_EQ(option.exit_code, 2);
  EXPECT_THAT(option.err, HasSubstr("kairo: --fast: unknown option"));
  const auto value = quickstart({"--trace"});
  EXPECT_EQ(value.exit_code, 2);
  EXPECT_THAT(value.err, HasSubstr("--trace: needs a value"));
  const auto repeats = quickstart({"--repeats", "many"});
  EXPECT_EQ(repeats.exit_code, 2);
  EXPECT_THAT(repeats.err, HasSubstr("--repeats many: not a number"));
}

TEST(Quickstart, RefusesAFileThatIsNotThereBeforeItBuilds) {
  for (const char* const option : {"--trace", "--profile"}) {
    const auto result = quickstart({"--yes", option, "/nonexistent/file"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr(std::string(option) + " /nonexistent/file: no such file"));
  }
}

TEST(Quickstart, WithoutAptItSaysWhatToDo) {
  const auto folder = base::TempDir::create("kairo-path-");
  ASSERT_TRUE(folder);
  for (const char* const name : {"bash", "env", "dirname"}) {
    const auto program = base::find_program(name);
    ASSERT_FALSE(program.empty()) << name;
    std::filesystem::create_symlink(program, folder->path() / name);
  }
  const auto result = quickstart({"--yes"}, {{"PATH", folder->path().string()}});
  EXPECT_EQ(result.exit_code, 77);
  EXPECT_THAT(result.err, HasSubstr("no apt-get"));
}

}  // namespace
}  // namespace kairo
