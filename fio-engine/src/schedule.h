// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "kairo/engine/workload.h"

// The order of a replay, and what it says about the requests behind it. Pure: times come from the
// caller, in nanoseconds from the start of the replay.
namespace kairo::engine {

// Hands out the records of a workload. Without dependencies in the file's order, each at its time.
// With them a decode waits until every prefetch and prefill of its session that stands before it
// has completed, and is due then, if that is after its time: a request decodes what it has loaded
// and computed. What does not wait is not held up by what does.
class Schedule {
 public:
  struct Item {
    std::uint32_t record = 0;
    std::uint64_t due_ns = 0;
    bool operator>(const Item& other) const {
      return due_ns != other.due_ns ? due_ns > other.due_ns : record > other.record;
    }
  };

  // `records` must outlive the schedule.
  Schedule(const std::vector<Record>& records, bool dependencies);

  // The item that is due first; nothing while all that is left waits, or when none is left.
  std::optional<Item> next();
  // Takes an item back that was not started.
  void put_back(Item item) { ready_.push(item); }
  void completed(std::uint32_t record, std::uint64_t now_ns);
  // All were handed out.
  [[nodiscard]] bool done() const {
    return next_ == records_->size() && ready_.empty() && waiting_ == 0;
  }

 private:
  struct Session {
    std::uint32_t outstanding = 0;  // prefetch and prefill not yet completed
    std::vector<std::uint32_t> waiting;
  };

  const std::vector<Record>* records_;
  bool dependencies_;
  std::size_t next_ = 0;
  std::size_t waiting_ = 0;
  std::unordered_map<std::uint32_t, Session> sessions_;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> ready_;
};

// What one request of the trace got from its I/O.
struct SessionResult {
  std::uint32_t session = 0;
  // From the session's first record to the end of its first decode step: the I/O's share of the
  // time to first token.
  std::uint64_t ttft_ns = 0;
  // A step is the decode reads with one intended time; it is done when all of them are.
  std::uint64_t steps = 0;
  std::optional<double> steps_per_s;  // from the first step's end to the last's; none for one step
};

class SessionTimes {
 public:
  // `records` is all of the workload, whatever part of it this job replays.
  explicit SessionTimes(const std::vector<Record>& records);

  void completed(const Record& record, std::uint64_t now_ns);
  // Sessions of which a whole decode step was completed, by number.
  [[nodiscard]] std::vector<SessionResult> results() const;

 private:
  struct Step {
    std::uint32_t reads = 0;
    std::uint32_t done = 0;
    std::uint64_t end_ns = 0;
  };
  struct Session {
    std::uint64_t arrival_ns = 0;
    std::vector<std::pair<std::uint64_t, Step>> steps;  // by intended time
  };
  std::unordered_map<std::uint32_t, Session> sessions_;
};

}  // namespace kairo::engine
