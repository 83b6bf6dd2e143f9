// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <unistd.h>

#include "merge_scheduler.h"
#include "metadata_probe.h"

namespace kairo::testing {
namespace {

// What is switched off has no classes; who counts them must know.
constexpr const char* kEnable = "enable";

struct Tunable {
  const char* file;
  std::array<unsigned, 4> values;  // extremes and what is usual
};

// Names are those of the kernel; one that it has not is refused, which count() would show.
constexpr Tunable kTunables[] = {
    {"front_merges", {0, 1, 0, 1}},
    {"hold_writes", {0, 1, 0, 1}},
    {"decode_merge_kib", {0, 4, 64, 1024}},
    {"evict_request_kib", {64, 128, 65536, 1 << 20}},
    {"prefetch_budget_kib", {4, 64, 2048, 1 << 20}},
    {"prefill_budget_kib", {4, 64, 768, 1 << 20}},
    {"evict_budget_kib", {4, 128, 4096, 1 << 20}},
    {"decode_max_wait_us", {10, 200, 2000, 60'000'000}},
    {"prefetch_max_wait_us", {10, 500, 20000, 60'000'000}},
    {"prefill_max_wait_us", {10, 500, 500'000, 60'000'000}},
    {"evict_max_wait_us", {10, 500, 2'000'000, 60'000'000}},
    {"normal_max_wait_us", {10, 500, 500'000, 60'000'000}},
    {"normal_write_max_wait_us", {10, 500, 5'000'000, 60'000'000}},
    {"decode_idle_ms", {0, 1, 50, 10000}},
    {"decode_target_us", {0, 100, 1000, 0}},
    {"expired_batch", {1, 2, 8, 32}},
    {"regular_batch", {1, 2, 16, 128}},
    {"fifo_batch", {1, 2, 16, 256}},
    {"writes_starved", {0, 1, 2, 64}},
    {kEnable, {0, 1, 1, 1}},
};
constexpr unsigned kTunableCount = sizeof(kTunables) / sizeof(kTunables[0]);

}  // namespace

Changes::Changes(const Scheduler& scheduler, std::uint64_t seed, Kinds kinds)
    : scheduler_(scheduler), kinds_(kinds), random_(seed) {
  if (kinds.tunables || kinds.depth || kinds.scheduler) thread_ = std::thread([this] { run(); });
}

Changes::~Changes() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void Changes::run() {
  while (!stop_) {
    {
      const auto lock = pause();
      change();
    }
    ::usleep(static_cast<useconds_t>(below(3000)));
  }
}

void Changes::change() {
  const auto dice = below(64);
  if (dice == 0 && kinds_.scheduler) return change_scheduler();
  if (dice < 6 && kinds_.depth) {
    constexpr std::array kDepths = {4, 7, 16, 64, 256};
    expect(scheduler_.set("nr_requests", fmt::format("{}", kDepths[below(kDepths.size())])),
           "nr_requests");
    ++made_;
    return;
  }
  if (dice < 8 && kinds_.tunables) {
    expect(scheduler_.set("nomerges", dice == 7 ? "0" : below(8) == 0 ? "1" : "0"), "nomerges");
    ++made_;
    return;
  }
  if (dice < 12 && scheduler_.has_check()) {
    const std::string wrong = scheduler_.check();
    expect(wrong.empty(), wrong);
    return;
  }
  if (!kinds_.tunables) return;
  if (dice == 12) {
    constexpr std::array kModes = {"off", "observe", "adaptive"};
    expect(scheduler_.set("iosched/control", kModes[below(kModes.size())]), "control");
  } else {
    const Tunable& tunable = kTunables[below(kTunableCount)];
    const std::string value = fmt::format("{}", tunable.values[below(tunable.values.size())]);
    expect(scheduler_.set(fmt::format("iosched/{}", tunable.file), value),
           fmt::format("{} refuses {}", tunable.file, value));
    if (tunable.file == kEnable) ++enables_;
  }
  ++made_;
}

void Changes::change_scheduler() {
  constexpr std::array kOthers = {"none", "mq-deadline", "bfq", "kyber"};
  expect(scheduler_.set("scheduler", kOthers[below(kOthers.size())]), "another scheduler");
  ::usleep(static_cast<useconds_t>(below(2000)));
  expect(scheduler_.set("scheduler", "kairo"), "kairo again");
  ++switches_;
}

}  // namespace kairo::testing
