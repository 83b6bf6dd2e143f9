// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "fake_tree.h"

namespace kairo {
namespace {

using kernel::ScopedEnv;
using testing::HasSubstr;

struct Outcome {
  bool refused = false;  // the command line
  int exit_code = -1;    // -1: nothing was done
  std::string errors;
};

Outcome run(const std::string& line) {
  CLI::App app;
  Outcome outcome;
  int exit_code = -1;
  add_kernel_commands(app, exit_code);
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  try {
    app.parse(line);
    outcome.exit_code = exit_code;
  } catch (const CLI::ParseError&) {
    outcome.refused = true;
  }
  outcome.errors = testing::internal::GetCapturedStderr();
  testing::internal::GetCapturedStdout();
  return outcome;
}

class KernelCli : public testing::Test {
 protected:
  base::TempDir folder_ = *base::TempDir::create("kairo-cli-");
  ScopedEnv cache_{"KAIRO_CACHE", folder_.path().string()};
};

TEST_F(KernelCli, UnknownWordsAreUsageErrors) {
  for (const char* const line : {"kernel", "kernel fly", "kernel build --fast", "kernel boot",
                                 "kernel boot --smp many -- true"}) {
    const Outcome outcome = run(line);
    EXPECT_TRUE(outcome.refused) << line;
    EXPECT_EQ(outcome.exit_code, -1) << line;
  }
}

TEST_F(KernelCli, BootRefusesUnknownValues) {
  const Outcome accel = run("kernel boot --accel warp -- true");
  EXPECT_EQ(accel.exit_code, 2);
  EXPECT_THAT(accel.errors, HasSubstr("kairo: --accel: accel 'warp': unknown"));
  const Outcome config = run("kernel boot --config fast -- true");
  EXPECT_EQ(config.exit_code, 2);
  EXPECT_THAT(config.errors, HasSubstr("lab, debug, base or stock"));
  const Outcome file = run("kernel boot --kernel /etc/passwd --file nocolon -- true");
  EXPECT_EQ(file.exit_code, 2);
  EXPECT_THAT(file.errors, HasSubstr("HOST:GUEST"));
}

TEST_F(KernelCli, BootWithoutAKernelSaysHowToBuildOne) {
  const Outcome outcome = run("kernel boot -- true");
  EXPECT_EQ(outcome.exit_code, 77);
  EXPECT_THAT(outcome.errors, HasSubstr("kairo kernel build --config lab"));
  EXPECT_THAT(run("kernel boot --base -- true").errors, HasSubstr("kairo kernel build --base"));
}

TEST_F(KernelCli, ExportNeedsATree) {
  const Outcome outcome = run("kernel export " + folder_.path().string());
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.errors, HasSubstr("not a git tree"));
}

}  // namespace
}  // namespace kairo
