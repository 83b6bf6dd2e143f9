// SPDX-License-Identifier: GPL-2.0-only
#include "plan/die_bound.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "plan/die_noise.h"

namespace kairo::experiments {
namespace {

enum Kind : std::size_t { kDecode, kPrefetch, kKinds };

struct Read {
  double arrival_us = 0;
  double end_us = 0;  // of its last page so far
};

using Reads = std::array<std::vector<Read>, kKinds>;

std::vector<Read> arrivals(double per_s, double seconds, std::mt19937_64& random) {
  std::vector<Read> reads;
  if (per_s <= 0) return reads;
  std::exponential_distribution<double> gap_us(per_s / 1e6);
  for (double now = gap_us(random); now < seconds * 1e6; now += gap_us(random))
    reads.push_back({now, now});
  return reads;
}

// The pages that a die reads, by their read, in the order of arrival; decode and prefetch apart.
using DieQueues = std::array<std::vector<std::size_t>, kKinds>;

std::vector<DieQueues> place(const DeviceProfile& device, const BoundLoad& load, const Reads& reads,
                             std::mt19937_64& random) {
  const std::array<std::uint64_t, kKinds> bytes = {load.decode_bytes, load.prefetch_bytes};
  const std::uint64_t page_bytes = device.page_kib * 1024;
  std::uniform_int_distribution<std::size_t> any_die(0, device.dies - 1);
  std::vector<DieQueues> dies(device.dies);
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const std::uint64_t pages = (bytes[kind] + page_bytes - 1) / page_bytes;
    for (std::size_t read = 0; read < reads[kind].size(); ++read)
      for (std::uint64_t page = 0; page < pages; ++page)
        dies[any_die(random)][kind].push_back(read);
  }
  return dies;
}

// When no die begins an operation, us: begin and end, in order.
using Pauses = std::vector<std::pair<double, double>>;

Pauses pauses(const DeviceProfile& device, double seconds) {
  Pauses out;
  if (device.pause_every_ms == 0 || device.pause_ms == 0) return out;
  DieNoise noise(device, kPauseStream);
  const auto every_us = static_cast<double>(device.pause_every_ms) * 1e3;
  const auto pause_us = static_cast<double>(device.pause_ms) * 1e3;
  for (double now = noise.exponential_us(every_us); now < seconds * 1e6;
       now += noise.exponential_us(every_us)) {
    if (!out.empty() && out.back().second >= now)
      out.back().second = now + pause_us;
    else
      out.emplace_back(now, now + pause_us);
  }
  return out;
}

// Time to transfer bytes; 0 without a rate.
double transfer_us(double bytes, std::uint64_t mb_s) {
  return mb_s == 0 ? 0 : bytes / static_cast<double>(mb_s);
}

struct DieTimes {
  double busy_us = 0;
  std::uint64_t programs = 0;
};

// One die. Where dies share something, it has that for itself: such a bound is the lower for it.
class Die {
 public:
  Die(const DeviceProfile& device, std::uint64_t number, const Pauses& pauses)
      : device_(device), noise_(device, number), pauses_(pauses) {
    const auto page_bytes = static_cast<double>(device.page_kib * 1024);
    if (device.channels != 0) channel_us_ = transfer_us(page_bytes, device.channel_mb_s);
    link_us_ = transfer_us(page_bytes, device.link_mb_s);
    fast_programs_ = device.slc_gib * (1 << 20) / device.page_kib / device.dies;
  }

  DieTimes serve(const BoundLoad& load, const DieQueues& queues, Reads& reads) {
    while (now_ < load.seconds * 1e6) {
      skip_pause();
      const Kind kind = arrival(queues, reads, kDecode) <= now_ ? kDecode : kPrefetch;
      if (arrival(queues, reads, kind) <= now_)
        read(reads[kind][queues[kind][next_[kind]++]]);
      else if (load.prefill)
        program(queues, reads);
      else
        now_ = std::min(arrival(queues, reads, kDecode), arrival(queues, reads, kPrefetch));
    }
    return times_;
  }

 private:
  [[nodiscard]] double arrival(const DieQueues& queues, const Reads& reads, Kind kind) const {
    return next_[kind] < queues[kind].size() ? reads[kind][queues[kind][next_[kind]]].arrival_us
                                             : HUGE_VAL;
  }

  void skip_pause() {
    while (pause_ < pauses_.size() && pauses_[pause_].second <= now_) ++pause_;
    if (pause_ < pauses_.size() && pauses_[pause_].first <= now_) now_ = pauses_[pause_].second;
  }

  void spend(double us) {
    now_ += us;
    times_.busy_us += us;
  }

  void read(Read& read) {
    spend(noise_.time_us(static_cast<double>(device_.read_us)) + channel_us_);
    read.end_us = std::max(read.end_us, now_ + link_us_);
  }

  // Not interrupted, but by reads where the drive does that.
  void program(const DieQueues& queues, Reads& reads) {
    const std::uint64_t mean_us =
        times_.programs < fast_programs_ ? device_.slc_program_us : device_.program_us;
    spend(channel_us_);
    double left_us = noise_.time_us(static_cast<double>(mean_us));
    const auto give_way_us = static_cast<double>(device_.suspend_us);
    constexpr int kMostSuspensions = 4;
    for (int i = 0; device_.read_first != 0 && give_way_us > 0 && i < kMostSuspensions; ++i) {
      const double first =
          std::min(arrival(queues, reads, kDecode), arrival(queues, reads, kPrefetch));
      const double run_us = std::max(first - now_, 0.0);
      if (run_us + give_way_us >= left_us) break;
      spend(run_us + give_way_us);
      left_us -= run_us;
      serve_arrived(queues, reads);
    }
    spend(left_us);
    ++times_.programs;
  }

  void serve_arrived(const DieQueues& queues, Reads& reads) {
    for (;;) {
      skip_pause();
      const Kind kind = arrival(queues, reads, kDecode) <= now_ ? kDecode : kPrefetch;
      if (arrival(queues, reads, kind) > now_) return;
      read(reads[kind][queues[kind][next_[kind]++]]);
    }
  }

  const DeviceProfile& device_;
  DieNoise noise_;
  const Pauses& pauses_;
  double channel_us_ = 0;
  double link_us_ = 0;
  std::uint64_t fast_programs_ = 0;
  std::array<std::size_t, kKinds> next_ = {};
  std::size_t pause_ = 0;
  double now_ = 0;
  DieTimes times_;
};

reports::Histogram latencies(const std::vector<Read>& reads) {
  reports::Histogram out;
  for (const Read& read : reads)
    if (read.end_us > read.arrival_us)
      out.add(static_cast<std::uint64_t>(std::llround((read.end_us - read.arrival_us) * 1e3)));
  return out;
}

}  // namespace

DieBound die_bound(const DeviceProfile& device, const BoundLoad& load) {
  std::mt19937_64 random(load.seed);
  Reads reads = {arrivals(load.decode_per_s, load.seconds, random),
                 arrivals(load.prefetch_per_s, load.seconds, random)};
  double busy_us = 0;
  std::uint64_t programs = 0;
  const Pauses none_begins = pauses(device, load.seconds);
  std::uint64_t number = 0;
  for (const DieQueues& queues : place(device, load, reads, random)) {
    const DieTimes times = Die(device, number++, none_begins).serve(load, queues, reads);
    busy_us += times.busy_us;
    programs += times.programs;
  }

  DieBound bound;
  bound.decode = latencies(reads[kDecode]);
  bound.prefetch = latencies(reads[kPrefetch]);
  for (const Read& read : reads[kDecode])
    bound.decode_mean_us +=
        (read.end_us - read.arrival_us) / static_cast<double>(reads[kDecode].size());
  bound.prefill_bytes_per_s = static_cast<double>(programs * device.page_kib * 1024) / load.seconds;
  for (const std::uint64_t mb_s : {device.link_mb_s, device.channels * device.channel_mb_s})
    if (mb_s != 0)
      bound.prefill_bytes_per_s =
          std::min(bound.prefill_bytes_per_s, static_cast<double>(mb_s) * 1e6);
  bound.utilisation = busy_us / (load.seconds * 1e6 * static_cast<double>(device.dies));
  return bound;
}

}  // namespace kairo::experiments
