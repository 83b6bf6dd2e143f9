// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// The pure files of the series, the controller of the scheduler and the flash model, against each
// other without a kernel between them: a second of a drive takes some ten milliseconds. Requests
// are not split, and what a processor takes for them costs nothing.
namespace kairo::simulator {

// A drive: the keys of kairo_ssd, see Documentation/block/kairo_ssd.rst. 0 is off.
struct Drive {
  std::string name;
  unsigned dies = 8;
  unsigned page_kib = 64;
  unsigned read_us = 80;
  unsigned program_us = 300;
  unsigned buffer_kib = 0;
  unsigned buffer_ack_us = 10;
  bool buffer_blocks_queue = false;
  bool read_first = false;
  unsigned suspend_us = 0;
  unsigned spread_percent = 0;
  unsigned outlier_ppm = 0;
  unsigned outlier_factor = 1;
  unsigned pause_every_ms = 0;
  unsigned pause_ms = 0;
  std::uint64_t seed = 1;
};

// Decode and prefetch at parts of what the dies can read, open loop with exponential gaps, and
// prefill that has more to send always, in bursts, or as fast as a processor makes it.
struct Load {
  double decode = 0.05;
  double prefetch = 0.05;
  unsigned decode_kib = 64;
  unsigned prefill_kib = 128;
  // Prefill that comes in bursts of so much, on average so often; 0 = there is always more.
  double burst_mib = 0, burst_every_ms = 0;
  // A processor makes requests of it one by one, each in so long, as long as it has tags; 0 = in no
  // time.
  double sender_us = 0;
  unsigned tags = 256;  // requests that the scheduler can know of
  double seconds = 4;
  double warm_seconds = 1.5;  // not in the result
  double decode_from = 0;     // seconds from the start
};

enum class Policy {
  kNone,   // whatever the tags allow
  kKairo,  // the controller of the series
  kFixed   // a budget and a rate that somebody who knows the drive has set
};

// For Policy::kFixed, in force all the time.
struct Fixed {
  std::uint64_t budget_bytes = 0;
  double mb_s = 0;  // 0: any
};

struct Outcome {
  std::vector<double> decode_us;  // each decode read after warm_seconds, inside the device, sorted
  std::vector<std::uint64_t> programmed;        // bytes of the host in each 100 ms of the whole run
  std::vector<std::vector<double>> seconds_us;  // decode reads of each whole second, sorted
  double prefill_mb_s = 0;  // programmed by the flash for the host after warm_seconds
  std::string state;        // the controller's at the end
  std::string trace;        // a line for each decision, if asked for

  double quantile(double q) const;  // of decode_us, 0 without any
};

Outcome simulate(const Drive& drive, const Load& load, Policy policy, std::uint64_t seed,
                 bool trace = false);
Outcome simulate(const Drive& drive, const Load& load, const Fixed& fixed, std::uint64_t seed);

}  // namespace kairo::simulator
