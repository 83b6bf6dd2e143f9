// SPDX-License-Identifier: GPL-2.0-only
// Every bpftrace script against the tracepoint formats and the BTF captured from the lab kernel
// (tests/fixtures/tracing): names and fields resolve, without a kernel that has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/test_support/skip.h"

namespace kairo::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

const fs::path kScripts = fs::path(KAIRO_SOURCE_DIR) / "tracing";
const fs::path kFixtures = fs::path(KAIRO_SOURCE_DIR) / "tests/fixtures/tracing";

// $1 fixtures, $2 script: bpftrace sees the fixtures where it looks for tracefs and symbols.
constexpr const char* kCheck = R"sh(
set -e
mount -t tmpfs none /sys/kernel
mkdir -p /sys/kernel/tracing
cp -r "$1/events" /sys/kernel/tracing/
cd /sys/kernel/tracing
find events -name format | sed 's#events/\(.*\)/\(.*\)/format#\1:\2#' > available_events
: > available_filter_functions
mount --bind "$1/kallsyms" /proc/kallsyms
exec env BPFTRACE_BTF="$1/request.btf" bpftrace -d "$2"
)sh";

std::vector<std::string> in_namespace(const std::string& script,
                                      const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> argv = {"unshare", "--mount"};
  if (geteuid() != 0) argv.emplace_back("--map-root-user");
  argv.insert(argv.end(), {"sh", "-c", script, "check"});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

base::ProcessResult check(const fs::path& script) {
  auto result = base::run({.argv = in_namespace(kCheck, {kFixtures.string(), script.string()})});
  if (result) return *result;
  ADD_FAILURE() << result.error().message;
  return {};
}

std::vector<fs::path> scripts() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(kScripts))
    if (entry.path().extension() == ".bt") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

class NeedsBpftrace : public ::testing::Environment {
 public:
  void SetUp() override {
    if (base::find_program("bpftrace").empty())
      test_support::skip_program("bpftrace is not installed (apt-get install bpftrace)");
    // What a container may do is in nobody's hands here.
    if (!has_namespace())
      test_support::skip_program(std::string(test_support::kCannotBeHere) +
                                 "no mount namespace of one's own");
  }

 private:
  static bool has_namespace() {
    const auto done = base::run({.argv = in_namespace("mount -t tmpfs none /sys/kernel")});
    return done && done->exit_code == 0;
  }
};

[[maybe_unused]] const auto* const kEnvironment =
    ::testing::AddGlobalTestEnvironment(new NeedsBpftrace);

class Script : public ::testing::TestWithParam<fs::path> {};

TEST_P(Script, ResolvesAgainstTheCapturedKernel) {
  const auto result = check(GetParam());
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

// The header is the manual: what it answers, how to call it, what it prints, what it costs.
TEST_P(Script, SaysHowToUseItAndWhatItCosts) {
  const auto text = base::read_file(GetParam());
  ASSERT_TRUE(text);
  for (const char* const part : {"USAGE: ", "SAMPLE OUTPUT", "OVERHEAD", "LIMITS"})
    EXPECT_THAT(*text, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(All, Script, ::testing::ValuesIn(scripts()), [](const auto& script) {
  const bool stock = script.param.parent_path().filename() == "stock";
  return (stock ? "stock_" : "") + script.param.stem().string();
});

// The check can fail: a field, an event and a member that nobody has.
TEST(Check, FindsWhatIsNotThere) {
  const auto scratch = base::TempDir::create("kairo-bt-");
  ASSERT_TRUE(scratch);
  const auto verdict = [&](const std::string& text) {
    const fs::path script = scratch->path() / "wrong.bt";
    EXPECT_TRUE(base::write_file(script, text));
    return check(script);
  };
  const auto field = verdict("tracepoint:kairo:kairo_late { @ = sum(args->nope); }");
  EXPECT_NE(field.exit_code, 0);
  EXPECT_THAT(field.err, ContainsRegex("does not contain a field named|nope"));
  EXPECT_NE(verdict("tracepoint:kairo:kairo_nope { @ = count(); }").exit_code, 0);
  EXPECT_NE(verdict("kprobe:f { @ = ((struct request *)arg0)->nope; }").exit_code, 0);
  EXPECT_NE(verdict("kprobe:f { @ = kaddr(\"kairo_nope\"); }").exit_code, 0);
}

}  // namespace
}  // namespace kairo::testing
