// SPDX-License-Identifier: GPL-2.0-only
// The commands of pages: which they are, and whether they can be run; and the command itself.
#include "kairo/evidence/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo::evidence {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::vector<Named>& commands) {
  std::vector<std::string> out;
  for (const Named& named : commands)
    out.push_back(std::to_string(named.line) + " " + named.command);
  return out;
}

TEST(Commands, AreThoseOfBlocksAndOfTheLastColumn) {
  const auto page = parse_page(
      "<!-- measured: series=none command=\"kairo kernel matrix\" -->\n\n"
      "| claim | command |\n|---|---|\n| a | `./check -R 'a\\|b'`, `./check -L x` |\n| b | |\n\n"
      "| claim | remark |\n|---|---|\n| a | `ls` |\n<!-- /measured -->\n",
      "a.md");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_THAT(lines_of(commands_of(*page)),
              ElementsAre("1 kairo kernel matrix", "5 ./check -R 'a|b'", "5 ./check -L x", "6 "));
}

// In text, also over the end of a line, in rows and in blocks; not what only speaks of a command.
TEST(Commands, AreToldInTextAndInBlocks) {
  const auto page = parse_page(
      "Run `./check -R\nfio_jobs`, then `ls && ctest -L x`.\n\n"
      "| `./check -R 'a\\|b'` | 1 |\n\n`kairo experiment run NAME... [--gate]` plans.\n\n"
      "```\n$ X=1 kairo experiment run 01 \\\n  --arms a,b 2>log | cut -c1\n./check   # all\n```\n"
      "A check, `kairo experiment list`.\n",
      "a.md");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_THAT(lines_of(commands_told(*page)),
              ElementsAre("1 ./check -R fio_jobs", "2 ctest -L x", "4 ./check -R 'a|b'",
                          "9 kairo experiment run 01 --arms a,b"));
}

TEST(Commands, NameExperiments) {
  EXPECT_THAT(
      experiments_of("kairo experiment run 13-hint-carriers 20 --repeats 1 && ./quickstart"),
      ElementsAre("13-hint-carriers", "20-file-class", "01-decode-priority"));
  EXPECT_THAT(experiments_of("./check -R guest"), ElementsAre());
}

TEST(Commands, ExistOrAreObjectedTo) {
  Offered offered(KAIRO_SOURCE_DIR, KAIRO_COMMAND_PATH, KAIRO_BUILD_DIR);
  const auto objection = [&](const std::string& command) {
    const auto found = offered.objection({1, command});
    return found ? *found : "error: " + found.error().message;
  };
  for (const char* command :
       {"kairo counters", "kairo experiment run 01 --arms none,kairo --loads mix --profile flat",
        "kairo experiment run 01 --profile experiments/profiles/qlc-3die.toml",
        "tests/mutants/run kernel", "build/default/cli/kairo", "./check -R 'evidence_test|nothing'",
        "ctest --preset default -L claims", "./quickstart",
        "kairo kernel build --base && ctest --preset fuzz -R any"})
    EXPECT_EQ(objection(command), "") << command;
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"kairo fly", "kairo fly is no command"},
      {"kairo experiment fly", "kairo experiment fly is no command"},
      {"kairo experiment run 01 --repaets 2", "no option --repaets"},
      {"kairo experiment run 99-nothing", "99-nothing"},
      {"kairo experiment run 01 --arms nobody", "nobody"},
      {"kairo experiment run 01 --loads nothing", "nothing"},
      {"kairo experiment run 01 --profile nothing", "nothing"},
      {"./check -R no_such_test", "-R no_such_test selects no test"},
      {"./check -L no_such_label", "-L no_such_label selects no test"},
      {"./check", "which tests?"},
      {"ctest --preset nothing -R evidence", "no preset nothing"},
      {"./nothing", "./nothing is not of this project"},
      {"build/default/nothing", "build/default/nothing is not of this project"},
      {"/bin/rm -r x", "/bin/rm is not of this project"},
      {"kairo counters && rm -r x", "rm is not of this project"},
      {"kairo counters &&", "empty"}};
  for (const auto& [command, text] : wrong) EXPECT_THAT(objection(command), HasSubstr(text));
  EXPECT_EQ(*offered.objection({1, "./check", true}), "");
  EXPECT_THAT(*offered.objection({1, "./check -R no_such_test", true}), HasSubstr("no test"));
}

class Evidence : public testing::Test {
 protected:
  base::ProcessResult check(const std::string& text) {
    EXPECT_TRUE(base::write_file(page_, text));
    const auto done =
        base::run({.argv = {KAIRO_COMMAND_PATH, "evidence", "check", page_.string()}});
    EXPECT_TRUE(done);
    return done ? *done : base::ProcessResult{};
  }

  base::TempDir directory_ = *base::TempDir::create("evidence");
  const std::filesystem::path page_ = directory_.path() / "page.md";
};

TEST_F(Evidence, TheCommandNamesFileLineAndRemedy) {
  EXPECT_EQ(check("# A page\n\nNothing measured.\n").exit_code, 0);
  const auto found = check(
      "# A page\n\ndecode p99 881 µs\n\n<!-- measured: series=ba9876543210 command=\"kairo fly\" "
      "-->\n1 ms\n<!-- /measured -->\n");
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_THAT(found.out, HasSubstr("page.md:3: figure without a source: 881 (put <!-- measured"));
  EXPECT_THAT(found.out, HasSubstr("page.md:5: figures of series ba9876543210, the tree has "));
  EXPECT_THAT(found.out, HasSubstr("page.md:5: `kairo fly`: kairo fly is no command"));
  EXPECT_THAT(found.err, HasSubstr("3 places in 1 pages want a source"));
  EXPECT_EQ(check("<!-- settings -->\n").exit_code, 3);
}

TEST_F(Evidence, ABlockIsChosenByALine) {
  ASSERT_TRUE(base::write_file(page_, "text\n"));
  const auto done = base::run(
      {.argv = {KAIRO_COMMAND_PATH, "evidence", "check", "--block", page_.string() + ":1"}});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 2);
  EXPECT_THAT(done->err, HasSubstr("no measured block is there"));
}

// A block with a keyed figure, and a result of its experiment.
constexpr const char* kKeyed =
    "<!-- measured: series=ba9876543210 command=\"kairo experiment run 01 --loads mix\" -->\n"
    "series ba9876543210: decode p99 900<!-- mix/kairo/decode.p99_us --> µs\n"
    "<!-- /measured -->\n";
constexpr const char* kReport =
    R"({"schema": "kairo-report", "experiment": "01-decode-priority",
        "device": {"name": "reference"}, "environment": {"series": "28fe2ade5b78"},
        "loads": {"mix": {"arms": {"kairo": {"classes": {"decode": {"p99_ns": 880640}}}}}}})";

TEST_F(Evidence, FiguresAreComparedWithResultsAndWritten) {
  ASSERT_TRUE(base::write_file(page_, kKeyed));
  const std::filesystem::path results = directory_.path() / "results";
  ASSERT_TRUE(base::write_below(results, "report.json", kReport));
  const auto with_results = [&](const char* what) {
    const auto done = base::run({.argv = {KAIRO_COMMAND_PATH, "evidence", what, page_.string(),
                                          "--results", results.string()}});
    EXPECT_TRUE(done);
    return done ? *done : base::ProcessResult{};
  };
  const auto before = with_results("check");
  EXPECT_EQ(before.exit_code, 1);
  EXPECT_THAT(before.out, HasSubstr("page.md:2: mix/kairo/decode.p99_us: 900 here, 881 measured "
                                    "(series 28fe2ade5b78)"));
  EXPECT_EQ(with_results("write").exit_code, 0);
  EXPECT_EQ(*base::read_file(page_),
            "<!-- measured: series=28fe2ade5b78 command=\"kairo experiment run 01 --loads mix\" "
            "-->\nseries 28fe2ade5b78: decode p99 881<!-- mix/kairo/decode.p99_us --> µs\n"
            "<!-- /measured -->\n");
  const auto after = with_results("check");
  EXPECT_EQ(after.exit_code, 0) << after.out << after.err;
  EXPECT_THAT(after.out, HasSubstr("1 figures compared, 0 differ"));

  std::string other = kReport;
  other.replace(other.find("01-decode"), 18, "06-merge-and-shape");
  ASSERT_TRUE(base::write_below(results, "report.json", other));
  const auto none = with_results("write");
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_THAT(none.err, HasSubstr("no block with keys is of an experiment of these results"));
}

TEST_F(Evidence, ABlocksCommandIsRunAgain) {
  const auto run = [&](const std::string& command) {
    EXPECT_TRUE(base::write_file(page_, "<!-- measured: series=none command=\"" + command +
                                            "\" -->\n1 ms\n<!-- /measured -->\n"));
    const auto done = base::run(
        {.argv = {KAIRO_COMMAND_PATH, "evidence", "run", "--block", page_.string() + ":2"}});
    EXPECT_TRUE(done);
    return done ? *done : base::ProcessResult{};
  };
  const auto done = run("kairo experiment bound slc-fast");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("| slc-fast |"));
  const auto failed = run("kairo experiment bound nothing");
  EXPECT_NE(failed.exit_code, 0);
  EXPECT_THAT(failed.err, HasSubstr("page.md:1"));
}

}  // namespace
}  // namespace kairo::evidence
