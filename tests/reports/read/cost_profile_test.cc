// SPDX-License-Identifier: GPL-2.0-only
// Runs that were watched: perf's and strace's own output, stacks, the flame graph, the section.
#include "kairo/reports/cost_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folder_fixture.h"
#include "kairo/base/text.h"
#include "kairo/reports/report.h"

namespace kairo::reports {
namespace {

using testing::FolderCopy;
using ::testing::HasSubstr;
using ::testing::Not;

// perf 6.1 in a guest without a PMU.
constexpr std::string_view kPerfStat =
    "# started on Wed Nov 25 01:38:58 2026\n\n"
    "<not supported>,,instructions,0,100.00,,\n"
    "3510,,context-switches,184305773,100.00,19.044,K/sec\n"
    "184.31,msec,task-clock,184305773,100.00,0.611,CPUs utilized\n";

// strace 6.1, shortened.
constexpr std::string_view kStrace =
    "% time     seconds  usecs/call     calls    errors syscall\n"
    "------ ----------- ----------- --------- --------- ------------------\n"
    " 41.42    0.046801       46801         1           pselect6\n"
    " 14.29    0.016140           8      2001           io_uring_enter\n"
    "  7.12    0.008048          10       801        26 newfstatat\n"
    "------ ----------- ----------- --------- --------- ------------------\n"
    "100.00    0.070989          25      2803        26 total\n";

// `perf script -F comm,ip,sym,dso` of a guest, shortened.
constexpr std::string_view kStacks =
    "fio \n"
    "\tffffffff81670b20 kairo_dispatch_request ([kernel.kallsyms])\n"
    "\tffffffff8168303b do_syscall_64 ([kernel.kallsyms])\n"
    "\t    7f41a8be08a8 [unknown] (/usr/lib/x86_64-linux-gnu/libc.so.6)\n"
    "\n"
    "fio \n"
    "\tffffffff81670b20 kairo_dispatch_request ([kernel.kallsyms])\n"
    "\tffffffff8168303b do_syscall_64 ([kernel.kallsyms])\n"
    "\t    7f41a8be08a8 [unknown] (/usr/lib/x86_64-linux-gnu/libc.so.6)\n"
    "\t               0 [unknown] ([unknown])\n"
    "\n"
    "swapper \n"
    "\tffffffff81111111 pv_native_safe_halt ([kernel.kallsyms])\n"
    "\tffffffff81111112 default_idle ([kernel.kallsyms])\n"
    "\n"
    "swapper \n"
    "\tffffffff81222222 kssd_timer ([kairo_ssd])\n"
    "\tffffffff81222223 hrtimer_interrupt ([kernel.kallsyms])\n";

TEST(PerfStat, WhatIsNotCountedIsAbsent) {
  const auto counts = parse_perf_stat(kPerfStat, "f");
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->count("instructions"), 0U);
  EXPECT_EQ(counts->at("context-switches"), 3510U);
  EXPECT_EQ(counts->at("task-clock"), 184310000U);
}

TEST(PerfStat, RefusesWhatItIsNot) {
  EXPECT_THAT(parse_perf_stat("fio: failed\n", "f").error().message, HasSubstr("f:1: not a line"));
  EXPECT_THAT(parse_perf_stat("-3,,cycles,1,100\n", "f").error().message,
              HasSubstr("f:1: '-3' is not a count"));
  EXPECT_THAT(parse_perf_stat("<not supported>,,cycles,0\n", "f").error().message,
              HasSubstr("no event was counted"));
}

TEST(Strace, CountsCallsByName) {
  const auto counts = parse_strace(kStrace, "f");
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->size(), 3U);
  EXPECT_EQ(counts->at("io_uring_enter"), 2001U);
  EXPECT_EQ(counts->at("newfstatat"), 801U);  // beside a number of errors
  EXPECT_FALSE(parse_strace("", "f"));
  EXPECT_FALSE(parse_strace("--- -\n 1 2 3 read\n", "f"));
}

TEST(Stacks, FoldTheSameAndLeaveIdlenessOut) {
  const auto folded = fold_stacks(kStacks, "f");
  ASSERT_TRUE(folded) << folded.error().message;
  EXPECT_EQ(*folded,
            "fio;[unknown];do_syscall_64_[k];kairo_dispatch_request_[k] 2\n"
            "swapper;hrtimer_interrupt_[k];kssd_timer_[k] 1\n");
  EXPECT_FALSE(fold_stacks("\t1 main (fio)\n", "f"));
  const auto back = parse_folded(*folded, "f");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->size(), 2U);
  EXPECT_THAT(parse_folded("fio;main\n", "f").error().message, HasSubstr("f:1"));
}

TEST(Flame, WidthIsTheShare) {
  const std::string svg = flame_svg({{"fio;main;read_[k]", 3}, {"fio;main", 1}}, "a < b");
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  // 1,080 pixels of four samples.
  EXPECT_THAT(svg, HasSubstr("<title>fio: 4 samples, 100.0 %</title>"));
  EXPECT_THAT(svg, HasSubstr("width=\"1080.0\""));
  EXPECT_THAT(svg, HasSubstr("<title>read: 3 samples, 75.0 %</title>"));
  EXPECT_THAT(svg, HasSubstr("width=\"810.0\""));
  EXPECT_EQ(flame_svg({}, "none"), "");
}

// In report.html the style of each plot holds for all of them.
TEST(Flame, ItsStyleStaysInside) {
  const std::string svg = flame_svg({{"fio;main", 1}}, "t");
  const auto from = svg.find("<style>") + 7;
  std::string style = svg.substr(from + 1, svg.find("</style>") - from - 1);  // after the newline
  unsigned selectors = 0;
  for (auto open = style.find('{'); open != std::string::npos; open = style.find('{')) {
    ++selectors;
    const std::string selector(base::trim(style.substr(0, open)));
    EXPECT_TRUE(selector.starts_with(".flame ") || selector.starts_with("@media")) << selector;
    const auto close = style.find('}', open);
    // What a media query holds is looked at next.
    style = style.substr(selector.starts_with("@media") ? open + 1 : close + 1);
    while (style.starts_with('}') || style.starts_with('\n')) style.erase(0, 1);
  }
  EXPECT_GT(selectors, 3U);
}

class Watched : public ::testing::Test {
 protected:
  // The campaign's own first run stands for a watched one.
  void watch(const std::string& probe, const std::string& file, std::string_view text) const {
    const auto to = copy_.path() / "cost" / probe;
    std::filesystem::create_directories(to / "runs/mix/depth4");
    std::filesystem::copy(copy_.path() / "runs/mix/depth4/1", to / "runs/mix/depth4/1");
    copy_.write("cost/" + probe + "/experiment.json", copy_.read("experiment.json"));
    copy_.write("cost/" + probe + "/runs/mix/depth4/1/" + file, std::string(text));
  }
  FolderCopy copy_{"campaign"};
};

TEST_F(Watched, CountsPerIoStandInTheReport) {
  watch("stat", "perf-stat.csv", kPerfStat);
  watch("calls", "strace.txt", kStrace);
  watch("stacks", "stacks.folded", "fio;main;read_[k] 3\n");
  const auto report = compare_folders({copy_.path()}, "", copy_.path());
  ASSERT_TRUE(report) << report.error().message;
  const double ios = 4001 + 1201;
  const auto json = nlohmann::json::parse(copy_.read("report.json"));
  const auto& cost = json.at("cost").at("mix").at("depth4");
  EXPECT_NEAR(cost.at("events_per_io").at("task-clock").get<double>(), 184310000 / ios, 1e-3);
  EXPECT_FALSE(cost.at("events_per_io").contains("instructions"));
  EXPECT_NEAR(cost.at("calls_per_io").at("io_uring_enter").get<double>(), 2001 / ios, 1e-6);
  const std::string text = copy_.read("report.md");
  EXPECT_THAT(text, HasSubstr("## Cost profiles"));
  EXPECT_THAT(text, HasSubstr("| mix  | depth4 |          n/a |    n/a |"));
  EXPECT_THAT(text, HasSubstr("io_uring_enter 0.385"));
  EXPECT_THAT(text, HasSubstr("(plots/mix-depth4-flame.svg)"));
  EXPECT_THAT(copy_.read("plots/mix-depth4-flame.svg"), HasSubstr("read: 3 samples"));
  EXPECT_THAT(copy_.read("inputs.sha256"), HasSubstr("cost/calls/runs/mix/depth4/1/strace.txt"));
}

TEST_F(Watched, NothingIsSaidWithout) {
  const auto report = compare_folders({copy_.path()}, "", copy_.path());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(copy_.read("report.md"), Not(HasSubstr("## Cost profiles")));
}

TEST_F(Watched, ADamagedFileIsRefused) {
  watch("calls", "strace.txt", "nonsense\n");
  const auto report = compare_folders({copy_.path()}, "", copy_.path());
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("strace.txt: no table of strace -c"));
}

}  // namespace
}  // namespace kairo::reports
