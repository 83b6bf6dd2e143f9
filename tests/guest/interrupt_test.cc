// SPDX-License-Identifier: GPL-2.0-only
// Ctrl-C while guests run: by boot_guest() and by the command as a person calls it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "guest_lab.h"
#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/process.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> entries(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder))
    out.push_back(entry.path().filename().string());
  return out;
}

// Boots a guest whose script says `begun` and never ends, and interrupts it then, and `again` when
// the first time was told. What is told each time: whether the output was fetched.
std::vector<bool> interrupted(const std::string& script, const fs::path& out, bool again = false) {
  kernel::GuestSpec spec = lab_guest();
  spec.script += script + "echo begun; while :; do sleep 0.1; done";
  spec.out_dir = out;
  std::signal(SIGINT, SIG_DFL);  // a background job of a shell ignores it
  std::vector<bool> told;
  spec.on_line = [](std::string_view line) {
    if (line == "begun") ::kill(::getpid(), SIGINT);
  };
  spec.on_interrupt = [&](bool fetched) {
    told.push_back(fetched);
    if (again) ::kill(::getpid(), SIGINT);
  };
  const base::InterruptGuard guard;
  const auto result = boot_guest(spec);
  EXPECT_TRUE(!result && result.error().code == base::kInterrupted)
      << (result ? result->output : result.error().message);
  return told;
}

// What a guest script has left in /out is there though the script never ends.
TEST(Interrupt, AGuestHandsOverWhatThereIs) {
  const auto out = base::TempDir::create("kairo-interrupt-");
  ASSERT_TRUE(out);
  EXPECT_THAT(interrupted("echo kept >/out/file; sleep 1000 & ", out->path()),
              ElementsAre(false, true));
  EXPECT_EQ(base::read_file(out->path() / "file").value_or(""), "kept\n");
}

// One more, and nobody waits for the guest.
TEST(Interrupt, TwiceGivesUpWhatThereIs) {
  const auto out = base::TempDir::create("kairo-interrupt-");
  ASSERT_TRUE(out);
  EXPECT_THAT(interrupted("", out->path(), true), ElementsAre(false));
}

// `kairo experiment run` with one guest and two runs of five seconds.
class Command : public ::testing::Test {
 protected:
  // Interrupts it once it says that run `at` has begun; 0: never.
  base::ProcessResult run(unsigned at) const {
    const std::string mark = fmt::format("run {} of", at);
    const std::string pid_file = (folder_.path() / "pid").string();
    // The shell becomes the command, so that the signal reaches it alone, as from kill(1).
    const auto done = base::run(
        {.argv = {"sh", "-c", "printf %s $$ >\"$0\"; exec \"$@\"", pid_file, KAIRO_COMMAND_PATH,
                  "experiment", "run", "01", "--one-kernel", "--loads", "mix", "--arms",
                  "none,kairo", "--repeats", "1", "--seconds", "5", "--out", out().string()},
         .environment = {{"TMPDIR", temporary().string()}},
         .timeout = std::chrono::seconds(900),
         .merge_stderr = true,
         .on_line = [&](std::string_view line) {
           if (at == 0 || !line.starts_with(mark)) return;
           std::this_thread::sleep_for(std::chrono::seconds(1));
           const auto text = base::read_file(pid_file);
           const auto pid = base::parse_u64(base::split_lines(text.value_or("none")).front());
           EXPECT_TRUE(pid && *pid > 1) << text.value_or("no pid");
           if (pid && *pid > 1) ::kill(static_cast<pid_t>(*pid), SIGINT);
         }});
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    return done.value_or(base::ProcessResult{});
  }
  void SetUp() override {
    static_cast<void>(lab_guest());  // skips without a kernel
    std::signal(SIGINT, SIG_DFL);    // inherited by the command
    ASSERT_TRUE(base::make_directory(temporary()));
  }
  [[nodiscard]] fs::path out() const { return folder_.path() / "out"; }
  [[nodiscard]] fs::path temporary() const { return folder_.path() / "tmp"; }
  [[nodiscard]] std::size_t finished() const {
    std::size_t runs = 0;
    for (const auto& entry : fs::recursive_directory_iterator(out() / "runs"))
      runs += entry.path().filename() == "run.json" ? 1U : 0U;
    return runs;
  }

  base::TempDir folder_ = *base::TempDir::create("kairo-interrupt-");
};

TEST_F(Command, KeepsWhatIsFinishedLeavesNothingAndGoesOn) {
  const base::ProcessResult stopped = run(2);
  EXPECT_EQ(stopped.exit_code, 130) << stopped.out;
  // Said before a guest boots, not with the first run.
  EXPECT_THAT(stopped.out, StartsWith("01-decode-priority: 2 runs in 1 boots, about "));
  EXPECT_THAT(stopped.out, HasSubstr("interrupted; 1 of 2 runs are in " + out().string() +
                                     ", the same command goes on"));
  EXPECT_EQ(finished(), 1U);
  EXPECT_THAT(base::read_file(out() / "experiment.json").value_or(""), HasSubstr("\"cmdline\":"));
  EXPECT_THAT(entries(temporary()), IsEmpty());

  const base::ProcessResult again = run(0);
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_THAT(again.out, HasSubstr("run 1 of 1: "));
  EXPECT_EQ(finished(), 2U);
  EXPECT_THAT(entries(temporary()), IsEmpty());
  EXPECT_THAT(base::read_file(out() / "experiment.json").value_or(""),
              HasSubstr("\"repeats_in_several_boots\": \"1\""));
}

// Nothing was finished: it begins anew, and says so.
TEST_F(Command, InTheFirstRunNothingIsKept) {
  const base::ProcessResult stopped = run(1);
  EXPECT_EQ(stopped.exit_code, 130) << stopped.out;
  EXPECT_THAT(stopped.out, HasSubstr("interrupted; 0 of 2 runs"));
  EXPECT_THAT(entries(temporary()), IsEmpty());
}

}  // namespace
}  // namespace kairo::testing
