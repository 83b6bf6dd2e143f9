// SPDX-License-Identifier: GPL-2.0-only
// What quickstart and check say and refuse before they install or build anything, and how a
// quickstart ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/text.h"

namespace kairo {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

base::ProcessResult script(const char* name, std::vector<std::string> arguments,
                           std::map<std::string, std::string> environment = {}) {
  arguments.insert(arguments.begin(), fmt::format("{}/{}", KAIRO_SOURCE_DIR, name));
  auto result = base::run({.argv = std::move(arguments),
                           .environment = std::move(environment),
                           .timeout = std::chrono::seconds(20)});
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : base::ProcessResult{};
}

base::ProcessResult quickstart(std::vector<std::string> arguments,
                               std::map<std::string, std::string> environment = {}) {
  return script("quickstart", std::move(arguments), std::move(environment));
}

// A PATH on which dpkg-query knows no package, and apt-get and cmake leave a mark when called.
class EmptyMachine {
 public:
  EmptyMachine() {
    for (const char* const name :
         {"bash", "env", "dirname", "sed", "awk", "grep", "cat", "touch", "rm"})
      fs::create_symlink(base::find_program(name), folder_.path() / name);
    put("dpkg-query", "exit 1");
    for (const char* const name : {"apt-get", "cmake", "ninja", "sudo"})
      put(name, fmt::format("touch '{}'; exit 1", mark().string()));
  }
  [[nodiscard]] std::map<std::string, std::string> environment() const {
    return {{"PATH", folder_.path().string()}};
  }
  [[nodiscard]] bool touched() const { return fs::exists(mark()); }

 private:
  [[nodiscard]] fs::path mark() const { return folder_.path() / "called"; }
  void put(const char* name, const std::string& text) const {
    const fs::path file = folder_.path() / name;
    std::ofstream(file) << "#!" << (folder_.path() / "bash").string() << '\n' << text << '\n';
    fs::permissions(file, fs::perms::owner_all);
  }

  base::TempDir folder_ = *base::TempDir::create("kairo-path-");
};

TEST(Check, HelpDoesNothingElse) {
  for (const char* const option : {"--help", "-h"}) {
    const EmptyMachine machine;
    const auto result = script("check", {option}, machine.environment());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("Usage: ./check"));
    EXPECT_FALSE(machine.touched()) << option;
  }
}

TEST(Check, SaysWhatItInstallsBeforeItDoes) {
  const EmptyMachine machine;
  const auto result = script("check", {"-L", "slice"}, machine.environment());
  EXPECT_TRUE(machine.touched());
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("To be installed from Debian's archive: g++ cmake"));
}

// What show_report and show_programs of setup.sh print of a report with more in it than a terminal
// should get, where `kairo report compare` says `said`.
std::string end_of_quickstart(const std::string& said) {
  const auto folder = base::TempDir::create("kairo-report-");
  std::string report =
      "# Title\n\n| reason | arms |\n|---|---|\n| some | all |\n\n## Load: trace\n\n";
  report += "| arm | decode p99 |\n|---|---|\n";
  for (const char* const arm : {"none", "mq-deadline", "mq-deadline-kv", "kyber", "bfq", "kairo"})
    report += fmt::format("| {} | 1 |\n", arm);
  report += "\n| another | table |\n";
  for (int i = 0; i < 300; ++i) report += "text\n";
  std::ofstream(folder->path() / "report.md") << report;
  std::ofstream(folder->path() / "said") << said;
  const auto result =
      base::run({.argv = {"bash", "-c",
                          fmt::format(". {0}/scripts/setup.sh\nkairo() {{ cat {1}/said; }}\n"
                                      "show_report {1}; show_programs",
                                      KAIRO_SOURCE_DIR, folder->path().string())}});
  EXPECT_TRUE(result && result->exit_code == 0);
  return result ? result->out : "";
}

constexpr const char* kSaid = "kairo is best\nvalidity: VALID\n";
constexpr const char* kFewRuns = "  DEGRADED: an interval needs 6 runs per arm: trace (2 here)\n";
constexpr const char* kBusy = "  DEGRADED: busy: trace none (61 %), trace kairo (62 %)\n";
constexpr const char* kGenerated = "  note: the trace is generated, not a real one\n";

TEST(Quickstart, EndsWithAFewLines) {
  const std::string out = end_of_quickstart(
      fmt::format("{}{}{}  note: other\n{}report: x\n", kSaid, kFewRuns, kBusy, kGenerated));
  const auto lines = base::split_lines(out);
  EXPECT_LE(lines.size(), 15U) << out;
  EXPECT_THAT(out, testing::StartsWith(std::string(kSaid) + kFewRuns + kBusy + kGenerated +
                                       "| arm | decode p99 |\n| none | 1 |\n"));
  EXPECT_THAT(out, AllOf(HasSubstr("| kairo | 1 |\nreport: "), Not(HasSubstr("another")),
                         Not(HasSubstr("reason")), HasSubstr("report.html"),
                         HasSubstr("/build/default/cli:"), HasSubstr("kairo.so")));
}

TEST(Quickstart, SaysHowManyReasonsItLeavesOut) {
  const std::string out =
      end_of_quickstart(fmt::format("{}{}{}  INVALID: fio failed: trace none (status 1)\n{}", kSaid,
                                    kFewRuns, kBusy, kGenerated));
  EXPECT_LE(base::split_lines(out).size(), 15U) << out;
  EXPECT_THAT(out, HasSubstr(std::string(kBusy) + "  and 2 more reasons, in the report\n| arm"));
}

// A finished report is replaced, an unfinished one goes on.
TEST(Quickstart, KnowsAFinishedResult) {
  const auto folder = base::TempDir::create("kairo-report-");
  ASSERT_TRUE(folder);
  const auto finished = [&] {
    return base::run({.argv = {"bash", "-c",
                               fmt::format(". {}/scripts/setup.sh; is_finished {}",
                                           KAIRO_SOURCE_DIR, folder->path().string())}})
               ->exit_code == 0;
  };
  EXPECT_FALSE(finished());
  std::ofstream(folder->path() / "experiment.json") << "{\n  \"complete\": false\n}\n";
  EXPECT_FALSE(finished());
  std::ofstream(folder->path() / "experiment.json") << "{\n  \"complete\": true\n}\n";
  EXPECT_TRUE(finished());
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
