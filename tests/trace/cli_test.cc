// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <nlohmann/json.hpp>

#include "kairo/base/files.h"

namespace kairo {
namespace {

using testing::HasSubstr;

struct Output {
  int exit_code = 0;
  std::string out;
  std::string err;
};

Output run(const std::vector<std::string>& arguments) {
  CLI::App app;
  Output output;
  add_trace_commands(app, output.exit_code);
  std::vector<const char*> argv = {"kairo", "trace"};
  for (const auto& argument : arguments) argv.push_back(argument.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(static_cast<int>(argv.size()), argv.data());
  } catch (const CLI::ParseError& error) {
    output.exit_code = 2;
  }
  std::fflush(stdout);
  output.out = testing::internal::GetCapturedStdout();
  output.err = testing::internal::GetCapturedStderr();
  return output;
}

class TraceCommands : public testing::Test {
 protected:
  void SetUp() override {
    sample_ = path("s.jsonl");
    ASSERT_EQ(run({"sample", "-o", sample_, "--requests", "120", "--seed", "3"}).exit_code, 0);
  }

  [[nodiscard]] std::string path(std::string_view name) const { return dir_.path() / name; }

  base::TempDir dir_ = *base::TempDir::create("kairo-trace-cli-");
  std::string sample_;
};

TEST_F(TraceCommands, ImportThenInspect) {
  const Output import = run({"import", sample_, "-o", path("w"), "--window", "10s:8s", "--dram",
                             "512MiB", "--device", "4GiB", "--prefetch-kib", "64", "--json"});
  ASSERT_EQ(import.exit_code, 0) << import.err;
  const auto made = nlohmann::json::parse(import.out);
  EXPECT_EQ(made["schema"], "kairo-trace-import");
  EXPECT_EQ(made["memory_blocks"], 256);
  EXPECT_EQ(made["flash_blocks"], 2048);
  EXPECT_EQ(made["window"]["duration_ns"], 8'000'000'000U);
  const auto& hits = made["hits"];
  EXPECT_EQ(hits["blocks"], hits["memory"].get<int>() + hits["in_flight"].get<int>() +
                                hits["flash"].get<int>() + hits["computed"].get<int>());

  const Output inspect = run({"inspect", path("w"), "--json"});
  ASSERT_EQ(inspect.exit_code, 0) << inspect.err;
  const auto seen = nlohmann::json::parse(inspect.out);
  EXPECT_EQ(seen["kind"], "workload");
  EXPECT_EQ(seen["classes"], made["workload"]["classes"]);
  EXPECT_EQ(seen["classes"]["prefetch"]["max_length"], 65536);
  EXPECT_TRUE(seen["sample"].get<bool>());
  EXPECT_THAT(run({"inspect", path("w")}).out, HasSubstr("SAMPLE: made from a generated trace"));
}

TEST_F(TraceCommands, InspectATrace) {
  const Output text = run({"inspect", sample_, "--model", "llama-3-70b"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("120 requests"));
  EXPECT_THAT(text.out, HasSubstr("160 MiB each for llama-3-70b"));
  EXPECT_THAT(text.out, HasSubstr("GENERATED"));
  const Output json = run({"inspect", sample_, "--json"});
  const auto seen = nlohmann::json::parse(json.out);
  EXPECT_EQ(seen["kind"], "trace");
  EXPECT_EQ(seen["requests"], 120);
}

TEST_F(TraceCommands, ExitCodesAndMessages) {
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    const char* message;
  };
  ASSERT_TRUE(base::write_file(path("bad"), "{\"timestamp\": 1}\n"));
  ASSERT_TRUE(base::write_file(path("cut"), "# kairo-workload 1\n# records=1\n"));
  const std::string out = path("w");
  const Case cases[] = {
      {{"import", sample_}, 2, ""},  // no -o: CLI11's own message
      {{"frobnicate"}, 2, ""},
      {{"import", sample_, "-o", out, "--model", "gpt-2"}, 2, "kairo: --model: unknown model"},
      {{"import", sample_, "-o", out, "--dram", "much"}, 2, "kairo: --dram: \"much\""},
      {{"import", sample_, "-o", out, "--device", "-1"}, 2, "kairo: --device: "},
      {{"import", sample_, "-o", out, "--flash", "1X"}, 2, "kairo: --flash: "},
      {{"import", sample_, "-o", out, "--tpot", "30"}, 2, "kairo: --tpot: "},
      {{"import", sample_, "-o", out, "--length", "0s"}, 2, "kairo: --length: 0"},
      {{"import", sample_, "-o", out, "--spread", "3"}, 2, "kairo: --spread: "},
      {{"import", sample_, "-o", out, "--window", "1s"}, 2, "kairo: --window: "},
      {{"import", sample_, "-o", out, "--format", "csv"}, 2, "kairo: --format: \"csv\""},
      {{"import", path("none"), "-o", out}, 3, "none: no such file (give a trace: Bailian"},
      {{"import", path("bad"), "-o", out}, 3, "bad:1: the record has no \"input_length\""},
      {{"inspect", path("bad")}, 3, "bad:1: "},
      {{"inspect", path("cut")}, 3, "cut:"},
      {{"inspect", path("none")}, 3, "no such file"},
      {{"import", sample_, "-o", "/proc/nowhere/w"}, 3, "/proc/nowhere"},
  };
  for (const Case& c : cases) {
    const Output result = run(c.arguments);
    EXPECT_EQ(result.exit_code, c.exit_code) << testing::PrintToString(c.arguments) << result.err;
    EXPECT_THAT(result.err, HasSubstr(c.message));
  }
  EXPECT_FALSE(std::filesystem::exists(out));  // a failed import leaves nothing
}

// What -o names is written and nothing else is lost: not the trace, no device, no link.
TEST_F(TraceCommands, TheOutputIsNeverTheInput) {
  const std::string before = base::read_file(sample_).value();
  std::filesystem::create_symlink("s.jsonl", path("link"));
  for (const std::string& out : {sample_, path("link")}) {
    const Output refused = run({"import", sample_, "-o", out});
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.err, HasSubstr("is the input " + sample_));
  }
  EXPECT_EQ(base::read_file(sample_).value(), before);
}

TEST_F(TraceCommands, AnOutputThatIsNoFileStaysWhatItIs) {
  std::filesystem::create_symlink("target", path("link"));
  ASSERT_EQ(run({"import", sample_, "-o", path("link")}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(run({"inspect", path("target")}).exit_code, 0);
  for (const char* const command : {"import", "sample"}) {
    std::vector<std::string> arguments = {command, "-o", path("no/w")};
    if (arguments.front() == "import") arguments.push_back(sample_);
    const Output refused = run(arguments);
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.err, HasSubstr("does not exist (make it: mkdir -p " + path("no")));
  }
  EXPECT_FALSE(std::filesystem::exists(path("no")));
  // A copy of the null device, not the one that everybody uses.
  if (::mknod(path("null").c_str(), S_IFCHR | 0666, ::makedev(1, 3)) != 0)
    GTEST_SKIP() << "no right to mknod";
  static_cast<void>(run({"import", sample_, "-o", path("null")}));
  EXPECT_TRUE(std::filesystem::is_character_file(path("null")));
}

}  // namespace
}  // namespace kairo
