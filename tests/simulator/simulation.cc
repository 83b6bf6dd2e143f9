// SPDX-License-Identifier: GPL-2.0-only
#include "simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <stdexcept>

#include "flash.h"

namespace kairo::simulator {
namespace {

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;
// A tick of the feedback timer, and while the controller is in a hurry.
constexpr std::uint64_t kWindow = 10 * kMs;
constexpr std::uint64_t kSoon = 2 * kMs;
constexpr std::uint64_t kDecodeIdle = 50 * kMs;
// What may be sent at once after a pause of the pace.
constexpr std::uint64_t kBurst = 500'000;

enum class Class { kDecode, kPrefetch, kPrefill };

struct Request {
  kssd_req req{};  // first: the model returns its address
  Class cls = Class::kDecode;
  std::uint64_t sent = 0;
  std::uint64_t bytes = 0;
  bool alone = false;
};

class Run {
 public:
  Run(const Drive& drive, const Load& load, Policy policy, const Fixed& fixed, std::uint64_t seed,
      bool trace)
      : drive_(drive),
        load_(load),
        policy_(policy),
        fixed_(fixed),
        trace_(trace),
        flash_(drive, 2 * std::max({2 * load.decode_kib, load.prefill_kib, drive.page_kib})),
        random_(seed) {
    const double reads_per_ns = drive.dies / (drive.read_us * 1e3);
    const double pages = std::max(1.0, 1.0 * load.decode_kib / drive.page_kib);
    decode_gap_ = std::exponential_distribution<>(load.decode * reads_per_ns / pages);
    prefetch_gap_ = std::exponential_distribution<>(load.prefetch * reads_per_ns / pages / 2);
    if (load.burst_mib > 0)
      burst_gap_ = std::exponential_distribution<>(1 / (load.burst_every_ms * 1e6));
    if (finite()) backlog_ = 0;
    kairo_control_init(&control_);
    kairo_pace_init(&pace_);
    kairo_meter_begin(&meter_, &totals_);
    for (auto& pool : min_ns_)
      for (auto& least : pool) least = ~0ULL;
  }

  Outcome run() {
    const auto end = static_cast<std::uint64_t>(load_.seconds * 1e9);
    if (load_.decode > 0) at(from() + gap(decode_gap_), [this] { decode(); });
    if (load_.prefetch > 0) at(gap(prefetch_gap_), [this] { prefetch(); });
    at(100 * kMs, [this] { record(); });
    if (kairo()) at(kSoon, [this] { tick(); });
    if (load_.burst_mib > 0) burst();
    if (load_.sender_us > 0) make_one();
    dispatch();
    while (step(end)) {
    }
    std::sort(out_.decode_us.begin(), out_.decode_us.end());
    for (auto& second : out_.seconds_us) std::sort(second.begin(), second.end());
    std::uint64_t bytes = 0;
    const auto first = static_cast<std::size_t>(load_.warm_seconds * 10);
    for (std::size_t i = first; i < out_.programmed.size(); ++i) bytes += out_.programmed[i];
    out_.prefill_mb_s = static_cast<double>(bytes) / 1e6 /
                        (static_cast<double>(out_.programmed.size() - first) / 10);
    out_.state = kairo() ? kairo_pace_names[pace_.state] : "";
    return std::move(out_);
  }

 private:
  struct Event {
    std::uint64_t ns, order;
    std::function<void()> call;
    bool operator>(const Event& other) const {
      return ns != other.ns ? ns > other.ns : order > other.order;
    }
  };

  // Prefill is what came and has not gone.
  bool finite() const { return load_.burst_mib > 0 || load_.sender_us > 0; }
  bool kairo() const { return policy_ == Policy::kKairo; }
  std::uint64_t from() const { return static_cast<std::uint64_t>(load_.decode_from * 1e9); }
  std::uint64_t gap(std::exponential_distribution<>& distribution) {
    return static_cast<std::uint64_t>(distribution(random_)) + 1;
  }
  void at(std::uint64_t ns, std::function<void()> call) {
    events_.push({std::max(ns, now_), order_++, std::move(call)});
  }

  // The next thing that happens: a request ends, or an event.
  bool step(std::uint64_t end) {
    const std::uint64_t drive = kssd_drive_next_ns(*flash_);
    const std::uint64_t event = events_.empty() ? ~0ULL : events_.top().ns;
    if (std::min(drive, event) > end) return false;
    if (event < drive) {
      Event e = std::move(const_cast<Event&>(events_.top()));
      events_.pop();
      now_ = e.ns;
      e.call();
      return true;
    }
    now_ = std::max(now_, drive);
    bool room = false;
    while (kssd_req* req = kssd_drive_take(*flash_, now_))
      room |= completed(*reinterpret_cast<Request*>(req));
    if (room) dispatch();
    return true;
  }

  void send(Class cls, std::uint64_t bytes) {
    auto& request = take_request();
    request.cls = cls;
    request.sent = now_;
    request.bytes = bytes;
    request.req.op = cls == Class::kPrefill ? KSSD_OP_PROGRAM : KSSD_OP_READ;
    request.req.nr_sectors = bytes / 512;
    if (cls == Class::kPrefill) {
      request.alone = in_flight_ == 0;
      in_flight_ += bytes;
      request.req.sector = write_at_;
      write_at_ = (write_at_ + bytes / 512) % (kDriveBytes / 2 / 512);
    } else {
      // the half that is never written: each page is on a die by lot
      const std::uint64_t units = kDriveBytes / 2 / bytes;
      request.req.sector = (kDriveBytes / 2 + random_() % units * bytes) / 512;
    }
    if (kssd_drive_submit(*flash_, now_, &request.req) != 0) throw std::runtime_error("refused");
  }

  Request& take_request() {
    if (free_.empty()) {
      requests_.push_back(std::make_unique<Request>());
      return *requests_.back();
    }
    Request& request = *free_.back();
    free_.pop_back();
    request = Request{};
    return request;
  }

  bool completed(Request& request) {
    const std::uint64_t ns = now_ - request.sent;
    const bool prefill = request.cls == Class::kPrefill;
    if (request.cls == Class::kDecode) note_decode(request, ns);
    if (request.cls != Class::kDecode) note_pool(request, ns);
    if (prefill) in_flight_ -= request.bytes;
    free_.push_back(&request);
    return prefill;
  }

  void note_decode(const Request& request, std::uint64_t ns) {
    totals_.decodes++;
    decode_min_ns_ = std::min<std::uint64_t>(decode_min_ns_, ns);
    if (request.sent >= sample_from_) totals_.decode_hist[kairo_bucket(ns)]++;
    const auto us = static_cast<double>(ns) / 1e3;
    if (static_cast<double>(request.sent) >= load_.warm_seconds * 1e9) out_.decode_us.push_back(us);
    const std::size_t second = request.sent / kSecond;
    if (out_.seconds_us.size() <= second) out_.seconds_us.resize(second + 1);
    out_.seconds_us[second].push_back(us);
  }

  void note_pool(const Request& request, std::uint64_t ns) {
    const unsigned pool = request.cls == Class::kPrefill ? KAIRO_POOL_PREFILL : KAIRO_POOL_PREFETCH;
    const unsigned size = kairo_size_index(static_cast<unsigned>(request.bytes));
    totals_.requests[pool]++;
    totals_.alone[pool] += request.alone;
    totals_.kib[pool][size] += request.bytes >> 10;
    totals_.kib_ns[pool][size] += (request.bytes >> 10) * ns;
    min_ns_[pool][size] = std::min<u64>(min_ns_[pool][size], ns);
    largest_[pool] = std::max<u32>(largest_[pool], static_cast<u32>(request.bytes));
  }

  bool decode_active() const { return last_decode_ != 0 && now_ - last_decode_ < kDecodeIdle; }

  // As the scheduler does: budget and rate while there is decode, twice the budget without.
  void dispatch() {
    while (backlog_ != 0) {
      const std::uint64_t bytes = static_cast<std::uint64_t>(load_.prefill_kib) << 10;
      const std::uint64_t tags = load_.tags * bytes;
      std::uint64_t budget = tags;
      double rate = 0;
      if (kairo()) {
        rate = decode_active() ? static_cast<double>(pace_.rate) : 0;
        budget = std::min(tags, kairo_budget());
      } else if (policy_ == Policy::kFixed) {
        rate = fixed_.mb_s * 1e6;
        budget = std::min(tags, fixed_.budget_bytes);
      }
      if (rate > 0 && send_at_ > now_) {
        totals_.paced[KAIRO_POOL_PREFILL]++;
        if (!armed_) {
          armed_ = true;
          at(send_at_, [this] {
            armed_ = false;
            dispatch();
          });
        }
        return;
      }
      if (in_flight_ != 0 && in_flight_ + bytes > budget) {
        totals_.held[KAIRO_POOL_PREFILL]++;
        return;
      }
      if (rate > 0)
        send_at_ = std::max(send_at_, now_ > kBurst ? now_ - kBurst : 0) +
                   static_cast<std::uint64_t>(static_cast<double>(bytes) * 1e9 / rate);
      if (finite()) set_backlog(backlog_ - std::min(backlog_, bytes));
      send(Class::kPrefill, bytes);
    }
  }

  void burst() {
    set_backlog(backlog_ + static_cast<std::uint64_t>(load_.burst_mib * 1048576));
    at(now_ + gap(burst_gap_), [this] { burst(); });
    dispatch();
  }
  void make_one() {
    const std::uint64_t bytes = static_cast<std::uint64_t>(load_.prefill_kib) << 10;
    if (backlog_ + in_flight_ + bytes <= load_.tags * bytes) {
      set_backlog(backlog_ + bytes);
      dispatch();
    }
    at(now_ + static_cast<std::uint64_t>(load_.sender_us * 1e3), [this] { make_one(); });
  }
  // So much waits from now on; how long something did until now goes to the totals.
  void set_backlog(std::uint64_t bytes) {
    if (backlog_ != 0) totals_.backlog_ns[KAIRO_POOL_PREFILL] += now_ - backlog_from_;
    backlog_from_ = now_;
    backlog_ = bytes;
  }

  bool pacing() const { return pace_.state != KAIRO_PACE_START && !control_.probing; }
  std::uint64_t kairo_budget() const {
    std::uint64_t budget = pacing() ? pace_.budget : control_.budget[KAIRO_POOL_PREFILL];
    if (!decode_active()) budget *= 2;
    return budget;
  }

  void decode() {
    last_decode_ = now_;
    send(Class::kDecode, static_cast<std::uint64_t>(load_.decode_kib) << 10);
    at(now_ + gap(decode_gap_), [this] { decode(); });
  }
  void prefetch() {
    send(Class::kPrefetch, static_cast<std::uint64_t>(load_.decode_kib) << 11);
    at(now_ + gap(prefetch_gap_), [this] { prefetch(); });
  }

  void record() {
    const auto bytes = kssd_drive_counters(*flash_, now_).programmed_bytes;
    out_.programmed.push_back(bytes - recorded_);
    recorded_ = bytes;
    at(now_ + 100 * kMs, [this] { record(); });
  }

  // What the feedback timer does.
  void tick() {
    kairo_window& w = meter_.window;
    for (unsigned pool = 0; pool < KAIRO_NR_FEEDBACK; ++pool) {
      w.pool[pool].largest = std::max(w.pool[pool].largest, largest_[pool]);
      largest_[pool] = 0;
      for (unsigned size = 0; size < KAIRO_NR_SIZES; ++size) {
        w.pool[pool].min_ns[size] = std::min(w.pool[pool].min_ns[size], min_ns_[pool][size]);
        min_ns_[pool][size] = ~0ULL;
      }
    }
    w.decode_min_ns = std::min<u64>(w.decode_min_ns, decode_min_ns_);
    decode_min_ns_ = ~0ULL;
    set_backlog(backlog_);
    kairo_meter_tick(&meter_, &totals_, 0, now_, true);
    if (kairo_control_step(&control_, &w, 0, true)) {
      pace_window(w);
      kairo_meter_begin(&meter_, &totals_);
    }
    dispatch();
    const bool soon = control_.probing || pace_.state == KAIRO_PACE_CLIMB;
    at(now_ + (soon ? kSoon : kWindow), [this] { tick(); });
  }

  void pace_window(const kairo_window& w) {
    if (control_.probing) return;
    const kairo_pace before = pace_;
    if (!kairo_pace_step(&pace_, &w, decode_active())) return;
    sample_from_ = now_;
    if (!trace_) return;
    std::uint64_t kib = before.sum.kib;
    for (const auto part : w.pool[KAIRO_POOL_PREFILL].kib) kib += part;
    out_.trace += fmt::format(
        "{:9.1f} ms {:5} -> {:5} budget {} KiB, rate {}, drain {}, delivered {} MB/s, held {}, "
        "paced {}, level {}, goal {} us\n",
        static_cast<double>(now_) / 1e6, kairo_pace_names[before.state],
        kairo_pace_names[pace_.state], pace_.budget >> 10, pace_.rate / 1'000'000,
        pace_.drain / 1'000'000, kib * 1'024'000 / (before.sum.ns + w.ns),
        before.sum.held + w.pool[KAIRO_POOL_PREFILL].held,
        before.sum.paced + w.pool[KAIRO_POOL_PREFILL].paced, pace_.level_ns / 1000,
        pace_.goal_ns / 1000);
  }

  const Drive drive_;
  const Load load_;
  const Policy policy_;
  const Fixed fixed_;
  const bool trace_;
  Flash flash_;
  std::mt19937_64 random_;
  std::exponential_distribution<> decode_gap_, prefetch_gap_, burst_gap_;

  std::uint64_t now_ = 0, order_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::vector<std::unique_ptr<Request>> requests_;
  std::vector<Request*> free_;

  std::uint64_t in_flight_ = 0, write_at_ = 0, send_at_ = 0, last_decode_ = 0, recorded_ = 0,
                backlog_from_ = 0,
                backlog_ = 1;  // prefill that waits to be sent, bytes
  bool armed_ = false;

  kairo_control control_{};
  kairo_pace pace_{};
  kairo_meter meter_{};
  kairo_totals totals_{};
  u64 min_ns_[KAIRO_NR_FEEDBACK][KAIRO_NR_SIZES]{};
  u32 largest_[KAIRO_NR_FEEDBACK]{};
  std::uint64_t decode_min_ns_ = ~0ULL, sample_from_ = 0;
  Outcome out_;
};

}  // namespace

double Outcome::quantile(double q) const {
  if (decode_us.empty()) return 0;
  const auto i = static_cast<std::size_t>(q * static_cast<double>(decode_us.size()));
  return decode_us[std::min(i, decode_us.size() - 1)];
}

Outcome simulate(const Drive& drive, const Load& load, Policy policy, std::uint64_t seed,
                 bool trace) {
  return Run(drive, load, policy, {}, seed, trace).run();
}

Outcome simulate(const Drive& drive, const Load& load, const Fixed& fixed, std::uint64_t seed) {
  return Run(drive, load, Policy::kFixed, fixed, seed, false).run();
}

}  // namespace kairo::simulator
