// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace kairo::testing {

// What the kairo scheduler of a disk says of itself.
class Scheduler {
 public:
  explicit Scheduler(std::string disk) : disk_(std::move(disk)) {}

  using Row = std::map<std::string, std::uint64_t>;  // by column
  // The counters by class. Ends the program when there are none.
  [[nodiscard]] std::map<std::string, Row> counters() const;
  // Requests and bytes inside the device, by class; sums up to 0 when it is idle.
  [[nodiscard]] std::uint64_t in_flight() const;
  // sched/check: empty when lists, trees and counts agree, else what it says. A kernel without it:
  // has_check() is false.
  [[nodiscard]] bool has_check() const;
  [[nodiscard]] std::string check() const;
  // The same, and that no request is waiting.
  [[nodiscard]] std::string check_idle() const;

  [[nodiscard]] std::string queue(const std::string& file) const;
  // Whether it is switched on.
  [[nodiscard]] bool enabled() const;
  // False when the value is refused.
  bool set(const std::string& file, const std::string& value) const;

 private:
  [[nodiscard]] std::string debug(const std::string& file) const;

  std::string disk_;
};

// How often the block layer merged or split something for a disk, on all processors, since it was
// made: the hits of its tracepoints.
class BlockEvents {
 public:
  static constexpr std::size_t kCounters = 11;

  explicit BlockEvents(const std::string& device);
  ~BlockEvents();
  BlockEvents(const BlockEvents&) = delete;
  BlockEvents& operator=(const BlockEvents&) = delete;

  struct Counts {
    std::uint64_t back = 0, front = 0, requests = 0, splits = 0;
    // Bios that merged, by operation. Where a drive takes several discards with one request there
    // is no event when they merge: it is those that got no request, unless one was refused.
    std::uint64_t reads = 0, writes = 0, discards = 0;
  };
  [[nodiscard]] Counts read() const;

 private:
  std::array<std::vector<int>, kCounters> fds_;
};

// Changes what can be changed while I/O runs: tunables, the number of requests, merging, and the
// scheduler itself.
class Changes {
 public:
  struct Kinds {
    bool tunables = true, depth = true, scheduler = true;
  };
  Changes(const Scheduler& scheduler, std::uint64_t seed, Kinds kinds);
  ~Changes();
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  // While it is held nothing is changed, and the scheduler is kairo.
  [[nodiscard]] std::unique_lock<std::mutex> pause() { return std::unique_lock(mutex_); }
  // How often it was another one; the counters start anew each time.
  [[nodiscard]] std::uint64_t switches() const { return switches_; }
  [[nodiscard]] std::uint64_t made() const { return made_; }
  // How often it was switched on or off.
  [[nodiscard]] std::uint64_t enables() const { return enables_; }

 private:
  void run();
  void change();
  void change_scheduler();
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  const Scheduler& scheduler_;
  Kinds kinds_;
  std::mt19937_64 random_;
  std::mutex mutex_;
  std::atomic<std::uint64_t> switches_ = 0, made_ = 0, enables_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace kairo::testing
