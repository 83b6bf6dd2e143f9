// SPDX-License-Identifier: GPL-2.0-only
// The series' own tests, tools/testing/selftests/kv_hints: made by the kernel's build from the
// source that the lab kernel is of, and run in it by root and by a user without rights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kairo/base/process.h"
#include "probe_guest.h"

namespace kairo::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

struct Suite {
  const char* name;
  unsigned tests;
  unsigned need_no_file = 0;
};

constexpr Suite kSuites[] = {
    {"hint_test", 10, 2}, {"attr_test", 11},       {"context_test", 7},
    {"region_test", 9},   {"register_test", 3, 3},
};

// Runs make in the kernel's source; what it says is a failure of the test if it fails or warns.
void make(const fs::path& source, std::vector<std::string> arguments) {
  std::vector<std::string> argv = {"make", "-s", std::string("O=") + KAIRO_SELFTESTS_PATH};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto made = base::run({.argv = argv,
                               .directory = source,
                               .environment = {{"LC_ALL", "C"}, {"MAKEFLAGS", ""}},
                               .merge_stderr = true});
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->exit_code, 0) << made->out;
  EXPECT_THAT(made->out, Not(HasSubstr("warning:")));
}

TEST(GuestSelftests, PassForRootAndForOthers) {
  kernel::GuestSpec spec = probe_guest();
  add_file_system(spec);
  add_nobody(spec);
  const fs::path build = spec.kernel_image.parent_path().parent_path().parent_path().parent_path();
  const fs::path source = fs::read_symlink(build / "source");
  ASSERT_TRUE(fs::exists(source / "tools/testing/selftests/kv_hints")) << source;
  ASSERT_NO_FATAL_FAILURE(make(source, {"headers"}));
  ASSERT_NO_FATAL_FAILURE(make(source / "tools/testing/selftests", {"TARGETS=kv_hints"}));

  for (const Suite& suite : kSuites) {
    const fs::path program = fs::path(KAIRO_SELFTESTS_PATH) / "kselftest/kv_hints" / suite.name;
    spec.programs.push_back(program);
    spec.files.push_back({program, fmt::format("/kairo/{}", suite.name)});
  }
  const auto result = boot_ok(spec, R"sh(
kairo_device size_gib=1 memory_backed=1
chmod 666 /dev/kssd0
# WHO PATH COMMAND...: each suite on that path, started by that command.
suites() {
  who=$1 path=$2; shift 2
  for suite in hint_test attr_test context_test region_test register_test; do
    "$@" env KV_HINTS_PATH=$path /kairo/$suite > /tmp/said 2>&1 ||
      { cat /tmp/said; fail "$who $suite"; }
    echo "$who $suite $(tail -n 1 /tmp/said)"
  done
}
suites root_device /dev/kssd0
suites nobody_device /dev/kssd0 as_nobody
# A folder that cannot be: a skip with a reason, and no failure.
suites none_tmpfs /tmp
all_ended
make_file_system 64m
chmod 777 /tmp/m
suites root_file /tmp/m
suites nobody_file /tmp/m as_nobody
umount /tmp/m || fail "the file system is busy"
all_ended
)sh");
  for (const Suite& suite : kSuites) {
    for (const char* const who : {"root_device", "nobody_device", "root_file", "nobody_file"})
      EXPECT_THAT(result.output, HasSubstr(fmt::format("{} {} # Totals: pass:{} fail:0 xfail:0 "
                                                       "xpass:0 skip:0 error:0\n",
                                                       who, suite.name, suite.tests)));
    const unsigned pass = suite.need_no_file;
    EXPECT_THAT(result.output,
                HasSubstr(fmt::format("none_tmpfs {} # Totals: pass:{} fail:0 xfail:0 xpass:0 "
                                      "skip:{} error:0\n",
                                      suite.name, pass, suite.tests - pass)));
  }
}

}  // namespace
}  // namespace kairo::testing
