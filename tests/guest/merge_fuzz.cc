// SPDX-License-Identifier: GPL-2.0-only
#include "merge_fuzz.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <barrier>
#include <cstring>
#include <fstream>
#include <optional>

#include "merge_blocks.h"
#include "merge_submit.h"
#include "metadata_probe.h"

namespace kairo::testing {
namespace {

using hint::Class;
using hint::Op;

class Memory {
 public:
  explicit Memory(std::size_t bytes) : bytes_(bytes) {
    void* const memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    expect(memory != MAP_FAILED, "no memory");
    data_ = static_cast<char*>(memory);
  }
  ~Memory() { ::munmap(data_, bytes_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  [[nodiscard]] char* data() const { return data_; }

 private:
  std::size_t bytes_;
  char* data_ = nullptr;
};

class Fuzz {
 public:
  explicit Fuzz(const FuzzOptions& options)
      : options_(options),
        geometry_(options.geometry),
        slot_bytes_(geometry_.most_bytes + 4096),
        blocks_(geometry_.blocks, geometry_.block_bytes, options.seed),
        planner_(geometry_, options.seed),
        files_(options.device, geometry_.hints),
        memory_(std::size_t{slot_bytes_} * (options.round + 1)),
        scheduler_(options.device.substr(options.device.rfind('/') + 1)),
        start_(static_cast<std::ptrdiff_t>(geometry_.threads) + 1),
        end_(static_cast<std::ptrdiff_t>(geometry_.threads) + 1) {
    std::uint64_t range[2] = {0, geometry_.blocks * geometry_.block_bytes};
    expect_equal(::ioctl(files_[0], BLKZEROOUT, range), 0, "zeroes to begin with");
    std::ifstream(scheduler_.queue("discard_granularity")) >> geometry_.discard_blocks;
    geometry_.discard_blocks = std::max(geometry_.discard_blocks / geometry_.block_bytes, 1U);
    for (unsigned i = 0; i < geometry_.threads; ++i) threads_.emplace_back([this, i] { work(i); });
  }
  ~Fuzz() {
    stop_ = true;
    start_.arrive_and_wait();
    for (std::thread& thread : threads_) thread.join();
  }
  Fuzz(const Fuzz&) = delete;
  Fuzz& operator=(const Fuzz&) = delete;

  void run() {
    Changes changes(scheduler_, options_.seed + 1, options_.changes);
    if (options_.kairo) begin(changes);
    while (ios_ < options_.ios) {
      round_ = planner_.round(options_.round);
      one_round();
      ++rounds_;
      if (options_.kairo) check(changes);
    }
    report(changes);
  }

 private:
  // A thread that submits its batches of each round and waits for them.
  void work(unsigned number) {
    Submitter submitter(files_, geometry_);
    for (;;) {
      start_.arrive_and_wait();
      if (stop_) return;
      for (const Batch& batch : round_.batches)
        if (batch.thread == number) submitter.submit(batch, &Fuzz::data_of, this);
      submitter.wait();
      end_.arrive_and_wait();
    }
  }

  static char* data_of(const Io& io, void* context) {
    auto* const self = static_cast<Fuzz*>(context);
    const auto index = static_cast<std::size_t>(&io - self->round_.ios.data());
    return self->memory_.data() + index * self->slot_bytes_ + io.shift;
  }

  void one_round() {
    for (Io& io : round_.ios) {
      sent_[hint::index(expected_class(io, geometry_))] += bios_of(io, geometry_);
      if (io.op == Op::kDiscard) blocks_.discard(io.first, io.blocks);
      if (io.op != Op::kWrite) continue;
      io.generation = blocks_.write(io.first, io.blocks);
      blocks_.fill(data_of(io, this), io.first, io.blocks, io.generation);
    }
    ios_ += round_.ios.size();
    start_.arrive_and_wait();
    end_.arrive_and_wait();

    for (const Io& io : round_.ios) {
      const int bytes = io.op == Op::kDiscard ? 0 : static_cast<int>(io.blocks * blocks_.bytes());
      expect_equal(io.result, bytes, describe(io));
      if (io.op != Op::kRead) continue;
      const std::string wrong = blocks_.wrong(data_of(io, this), io.first, io.blocks);
      expect(wrong.empty(), describe(io) + ": " + wrong);
    }
    read_again();
  }

  // All that the round changed.
  void read_again() {
    const auto changed = blocks_.changed();
    char* const data = memory_.data() + std::size_t{slot_bytes_} * options_.round;
    const unsigned most = geometry_.most_bytes / blocks_.bytes();
    for (auto at = changed.begin(); at != changed.end();) {
      const std::uint64_t first = *at;
      unsigned count = 0;
      for (; at != changed.end() && *at == first + count && count < most; ++at) ++count;
      const std::size_t bytes = std::size_t{count} * blocks_.bytes();
      expect_equal(::pread(files_[0], data, bytes, static_cast<off_t>(first * blocks_.bytes())),
                   static_cast<long>(bytes), "reading again");
      ++sent_[hint::index(Class::kNormal)];
      for (unsigned i = 0; i < count; ++i) {
        const std::string wrong =
            blocks_.settle(data + std::size_t{i} * blocks_.bytes(), first + i);
        expect(wrong.empty(), fmt::format("round {}: {}", rounds_, wrong));
      }
    }
    blocks_.end_round();
  }

  std::string describe(const Io& io) const {
    constexpr std::array kOps = {"read", "write", "discard"};
    return fmt::format("round {}: {} of {} blocks from {} as {} by {} through {}", rounds_,
                       kOps[static_cast<std::size_t>(io.op)], io.blocks, io.first,
                       hint::name(expected_class(io, geometry_)), static_cast<int>(io.by),
                       io.path == Path::kAio ? "aio" : "ring");
  }

  struct Seen {
    std::map<std::string, Scheduler::Row> counters;
    BlockEvents::Counts events;
    std::uint64_t switches = 0, enables = 0;
    bool enabled = true;
    std::array<std::uint64_t, hint::kClasses> sent = {};
  };

  Seen seen(const Changes& changes) const {
    return {scheduler_.counters(), events_->read(),      changes.switches(),
            changes.enables(),     scheduler_.enabled(), sent_};
  }

  void begin(Changes& changes) {
    const auto lock = changes.pause();
    checked_ = scheduler_.has_check();
    events_.emplace(options_.device);
    last_ = seen(changes);
  }

  // The device is idle.
  void check(Changes& changes) {
    const auto lock = changes.pause();
    // What has told its submitter may still be on its way out.
    for (unsigned tries = 0; scheduler_.in_flight() != 0; ++tries) {
      expect(tries < 5000, "requests or bytes in flight 5 s after the last I/O");
      ::usleep(1000);
    }
    if (checked_) {
      const std::string wrong = scheduler_.check_idle();
      expect(wrong.empty(), fmt::format("round {}: {}", rounds_, wrong));
    }
    Seen now = seen(changes);
    for (const auto& [cls, row] : now.counters) {
      expect_equal(static_cast<long>(row.at("dispatched") + row.at("merged")),
                   static_cast<long>(row.at("queued")), cls + ": dispatched and merged");
      expect_equal(static_cast<long>(row.at("completed")), static_cast<long>(row.at("dispatched")),
                   cls + ": completed");
    }
    if (now.switches == last_.switches) compare(now);
    last_ = std::move(now);
  }

  // What the scheduler counted against what was sent. Bios that merge into a plug never come to it.
  void compare(const Seen& now) {
    const auto grown = [&](const std::string& cls, const char* column) {
      return now.counters.at(cls).at(column) - last_.counters.at(cls).at(column);
    };
    const std::uint64_t splits = now.events.splits - last_.events.splits;
    std::array<std::uint64_t, hint::kClasses> of_class = {};
    for (std::size_t i = 0; i < hint::kClasses; ++i)
      of_class[now.enabled ? i : hint::index(Class::kNormal)] += now.sent[i] - last_.sent[i];
    std::uint64_t sent = splits, queued = 0, merged = 0;
    bool differs = false;
    std::string table;
    for (std::size_t i = 0; i < hint::kClasses; ++i) {
      const std::string cls(hint::kClassNames[i]);
      sent += of_class[i];
      queued += grown(cls, "queued");
      merged += grown(cls, "merged");
      differs = differs || grown(cls, "queued") != of_class[i];
      table += fmt::format(" {} {} sent {} queued", cls, of_class[i], grown(cls, "queued"));
    }
    if (now.enables != last_.enables)
      differs = false;  // on for a part of the round
    else if (!now.enabled)
      ++compared_off_;
    expect(!round_.alone || splits != 0 || !differs, fmt::format("round {}:{}", rounds_, table));
    const auto merges = [](const BlockEvents::Counts& counts) {
      return counts.reads + counts.writes + counts.discards;
    };
    const std::uint64_t bios = merges(now.events) - merges(last_.events);
    const std::uint64_t in_plug = bios - (merged - (now.events.requests - last_.events.requests));
    expect_equal(static_cast<long>(queued + in_plug), static_cast<long>(sent),
                 fmt::format("round {}: merged before the scheduler {}, splits {},{}", rounds_,
                             in_plug, splits, table));
    in_plugs_ += in_plug;
    ++compared_;
  }

  void report(const Changes& changes) const {
    fmt::print("{} I/Os, {} rounds, {} compared, {} changes, {} switches\nbios", ios_, rounds_,
               compared_, changes.made(), changes.switches());
    for (std::size_t i = 0; i < hint::kClasses; ++i)
      fmt::print(" {} {}", hint::kClassNames[i], sent_[i]);
    fmt::print("\n");
    if (!options_.kairo) return;
    const auto events = events_->read();
    fmt::print("merges back {} front {} requests {} splits {}\n", events.back, events.front,
               events.requests, events.splits);
    fmt::print("merged reads {} writes {} discards {}\nof these in a plug {}\n", events.reads,
               events.writes, events.discards, in_plugs_);
    fmt::print("compared while off {}\n", compared_off_);
    fmt::print("sched/check: {}\n", checked_ ? "agrees" : "absent");
  }

  FuzzOptions options_;
  Geometry geometry_;
  unsigned slot_bytes_;
  Blocks blocks_;
  Planner planner_;
  Files files_;
  Memory memory_;
  Scheduler scheduler_;
  std::optional<BlockEvents> events_;  // with the scheduler's counters
  Planner::Round round_;
  std::uint64_t ios_ = 0, rounds_ = 0, compared_ = 0, compared_off_ = 0, in_plugs_ = 0;
  std::array<std::uint64_t, hint::kClasses> sent_ = {};
  bool checked_ = false;
  Seen last_;
  std::barrier<> start_, end_;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

void merge_fuzz(const FuzzOptions& options) {
  fmt::print("seed {}\n", options.seed);
  std::fflush(stdout);
  Fuzz(options).run();
}

}  // namespace kairo::testing
