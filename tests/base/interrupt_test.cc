// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "kairo/base/files.h"
#include "kairo/base/process.h"

namespace kairo::base {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A shell has its background jobs ignore SIGINT and nohup SIGHUP, which a guard leaves so.
class Interrupt : public testing::Test {
 protected:
  void SetUp() override {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  }
};

// Signals this process from the outside, after a while.
class Later {
 public:
  explicit Later(int signal)
      : thread_([signal] {
          std::this_thread::sleep_for(milliseconds(300));
          ::kill(::getpid(), signal);
        }) {}
  ~Later() { thread_.join(); }
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;

 private:
  std::thread thread_;
};

TEST_F(Interrupt, EndsWhatRunsAndIsAnError) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const InterruptGuard guard;
    EXPECT_FALSE(InterruptGuard::interrupted());
    const auto begin = Clock::now();
    const Later later(signal);
    const auto result = run({.argv = {"sleep", "60"}});
    ASSERT_FALSE(result) << signal;
    EXPECT_EQ(result.error().code, kInterrupted);
    EXPECT_LT(Clock::now() - begin, seconds(30));
    EXPECT_TRUE(InterruptGuard::interrupted());
    EXPECT_FALSE(InterruptGuard::insisted());
    // What follows is not begun.
    const auto next = run({.argv = {"true"}});
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().code, kInterrupted);
  }
}

TEST_F(Interrupt, TheProgramMayClearAwayFirst) {
  const auto folder = TempDir::create("kairo-interrupt-");
  ASSERT_TRUE(folder);
  const InterruptGuard guard;
  const Later later(SIGINT);
  const auto result = run({.argv = {"sh", "-c",
                                    "trap 'echo gone > cleared; exit 0' TERM\n"
                                    "while :; do sleep 0.05; done"},
                           .directory = folder->path()});
  ASSERT_FALSE(result);
  EXPECT_EQ(read_file(folder->path() / "cleared").value_or(""), "gone\n");
}

TEST_F(Interrupt, ACallerThatMindsItDecides) {
  const InterruptGuard guard;
  ::raise(SIGINT);
  unsigned calls = 0;
  const auto result = run({.argv = {"sleep", "60"}, .keep_going = [&] { return ++calls < 3; }});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->stopped);
  EXPECT_EQ(calls, 3U);
  ::raise(SIGINT);
  EXPECT_TRUE(InterruptGuard::insisted());
}

TEST_F(Interrupt, AnIgnoredSignalStaysIgnored) {
  std::signal(SIGHUP, SIG_IGN);
  {
    const InterruptGuard guard;
    ::raise(SIGHUP);
    EXPECT_FALSE(InterruptGuard::interrupted());
  }
  EXPECT_EQ(std::signal(SIGHUP, SIG_DFL), SIG_IGN);
}

TEST_F(Interrupt, GuardsNestAndPutBackWhatWasThere) {
  {
    const InterruptGuard outer;
    ::raise(SIGTERM);
    {
      const InterruptGuard inner;
      EXPECT_TRUE(InterruptGuard::interrupted());
    }
    EXPECT_TRUE(InterruptGuard::active());
    ::raise(SIGTERM);  // still noted
  }
  EXPECT_FALSE(InterruptGuard::active());
  EXPECT_EQ(std::signal(SIGTERM, SIG_DFL), SIG_DFL);
  // Of the past: nothing is held up by it.
  const auto result = run({.argv = {"true"}});
  EXPECT_TRUE(result);
}

}  // namespace
}  // namespace kairo::base
