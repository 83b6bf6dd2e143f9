// SPDX-License-Identifier: GPL-2.0-only
#include "die_bound.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

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

struct DieTimes {
  double busy_us = 0;
  std::uint64_t programs = 0;
};

DieTimes serve(const DeviceProfile& device, const BoundLoad& load, const DieQueues& queues,
               Reads& reads) {
  const auto read_us = static_cast<double>(device.read_us);
  const auto program_us = static_cast<double>(device.program_us);
  std::array<std::size_t, kKinds> next = {};
  const auto arrival = [&](std::size_t kind) {
    return next[kind] < queues[kind].size() ? reads[kind][queues[kind][next[kind]]].arrival_us
                                            : HUGE_VAL;
  };
  DieTimes times;
  double now = 0;
  while (now < load.seconds * 1e6) {
    const Kind kind = arrival(kDecode) <= now ? kDecode : kPrefetch;
    if (arrival(kind) <= now) {
      now += read_us;
      times.busy_us += read_us;
      Read& read = reads[kind][queues[kind][next[kind]++]];
      read.end_us = std::max(read.end_us, now);
    } else if (load.prefill) {
      now += program_us;
      times.busy_us += program_us;
      ++times.programs;
    } else {
      now = std::min(arrival(kDecode), arrival(kPrefetch));
    }
  }
  return times;
}

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
  for (const DieQueues& die : place(device, load, reads, random)) {
    const DieTimes times = serve(device, load, die, reads);
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
  bound.utilisation = busy_us / (load.seconds * 1e6 * static_cast<double>(device.dies));
  return bound;
}

}  // namespace kairo::experiments
