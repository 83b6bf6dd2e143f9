// SPDX-License-Identifier: GPL-2.0-only
// Usage errors of the `kairo` command: what is wrong is named, the exit status is 2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/kernel/paths.h"
#include "kairo/kernel/series.h"

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

TEST(Command, WhatWasProbablyMeantIsNamed) {
  const auto err = [](std::vector<std::string> arguments) {
    const auto result = kairo(std::move(arguments));
    EXPECT_EQ(result.exit_code, 2);
    return result.err;
  };
  EXPECT_EQ(err({"report", "ocmpare", "x"}),
            "kairo: 'ocmpare': unknown here, did you mean compare? (see kairo report --help)\n");
  EXPECT_EQ(
      err({"experiment", "run", "01", "--arm", "kairo"}),
      "kairo: '--arm': unknown here, did you mean --arms? (see kairo experiment run --help)\n");
  EXPECT_EQ(err({"experiment", "run", "01", "--repaets=2"}),
            "kairo: '--repaets': unknown here, did you mean --repeats? (see kairo experiment run "
            "--help)\n");
  EXPECT_EQ(err({"xperiment", "list"}),
            "kairo: 'xperiment': unknown here, did you mean experiment? (see kairo --help)\n");
  EXPECT_EQ(err({"fly"}), "kairo: 'fly': unknown here (see kairo --help)\n");
  EXPECT_THAT(err({"experiment", "run", "decode-prioritty"}),
              HasSubstr("(did you mean decode-priority?)"));
  EXPECT_THAT(err({"experiment", "run", "01", "--arms", "kairoo"}),
              HasSubstr("arm \"kairoo\": not in this experiment (did you mean kairo?)"));
  EXPECT_THAT(err({"experiment", "run", "01", "--loads", "mxi"}), HasSubstr("(did you mean mix?)"));
  EXPECT_THAT(err({"experiment", "bound", "qlc-3dei"}), HasSubstr("(did you mean qlc-3die?)"));
  EXPECT_THAT(err({"experiment", "run", "01", "--profile", "qlc-3dei"}),
              HasSubstr("(did you mean qlc-3die?)"));
  const std::string folder = KAIRO_SOURCE_DIR "/tests/fixtures/reports/campaign";
  EXPECT_THAT(err({"report", "compare", folder, "--base", "detph4"}),
              HasSubstr("--base detph4: no such arm (did you mean depth4?) (there are: "));
  EXPECT_THAT(err({"trace", "import", "t", "-o", "w", "--format", "moooncake"}),
              HasSubstr("is not known (did you mean mooncake?) (there are: auto, "));
}

TEST(Command, SaysItsVersionCommitAndSeries) {
  const auto result = kairo({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out,
              testing::MatchesRegex("kairo [0-9]+\\.[0-9]+\\.[0-9]+\n"
                                    "commit ([0-9a-f]+(-dirty)?|n/a .*)\n"
                                    "series [0-9a-f]{12}: [0-9]+ patches for Linux 6\\.12\n"
                                    "fio engine .*\n"));
  const auto series = kernel::load_series(kernel::series_dir());
  ASSERT_TRUE(series);
  EXPECT_THAT(result.out, HasSubstr(series->id()));
}

// Without its number, and the time it will take.
TEST(Command, ExperimentsAreListedWithAnEstimate) {
  const auto result = kairo({"experiment", "list", "01"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out,
              testing::ContainsRegex(
                  "84 runs in 12 boots, about [0-9]+ min \\(estimate: 168 s of load, guests"));
}

// What it will take is the first that is said: before what it needs is looked for and long before
// the first guest boots.
TEST(Command, AnExperimentSaysFirstWhatItWillTake) {
  const auto folder = base::TempDir::create("kairo-cli-");
  ASSERT_TRUE(folder);
  const auto result =
      kairo({"experiment", "run", "01", "--one-kernel", "--loads", "mix", "--arms", "none,kairo",
             "--repeats", "2", "--kernel", (folder->path() / "none").string(), "--out",
             (folder->path() / "out").string()});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err,
              testing::MatchesRegex("01-decode-priority: 4 runs in 2 boots, about [0-9]+ min "
                                    "\\(estimate: [0-9]+ s of load, guests at a time: [0-9]+\\)\n"
                                    "(.*\n)*kairo: .*\n"));
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
