// SPDX-License-Identifier: GPL-2.0-only
#include "drives.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace kairo::simulator {
namespace {

class Lot {
 public:
  explicit Lot(std::uint64_t seed) : random_(seed * 0x9e3779b97f4a7c15ULL + 1) {}

  double between(double low, double high) {
    return std::uniform_real_distribution<>(low, high)(random_);
  }
  // Each doubling is as likely as any other.
  double doubling(double low, double high) {
    return std::exp(between(std::log(low), std::log(high)));
  }
  unsigned whole(double low, double high) {
    return static_cast<unsigned>(std::lround(doubling(low, high)));
  }
  bool one_in(unsigned n) { return random_() % n == 0; }

 private:
  std::mt19937_64 random_;
};

void add_noise(Drive& drive, Lot& lot) {
  drive.spread_percent = lot.whole(3, 40);
  if (lot.one_in(2)) {
    drive.outlier_ppm = lot.whole(50, 2000);
    drive.outlier_factor = lot.whole(2, 10);
  }
  if (lot.one_in(3)) {
    drive.pause_every_ms = lot.whole(100, 2000);
    drive.pause_ms = lot.whole(1, 5);
  }
}

void add_buffer(Drive& drive, Lot& lot) {
  drive.buffer_kib = lot.whole(8, 2048) * drive.page_kib;
  drive.buffer_ack_us = lot.whole(4, 30);
  drive.buffer_blocks_queue = lot.one_in(3);
}

}  // namespace

const char* family_name(Family family) {
  switch (family) {
    case Family::kPlain:
      return "plain";
    case Family::kNoisy:
      return "noisy";
    case Family::kBuffered:
      return "buffered";
    case Family::kReadFirst:
      return "read_first";
    case Family::kFlat:
      return "flat";
  }
  return "";
}

Case random_case(Family family, std::uint64_t seed) {
  Lot lot(seed * 8 + static_cast<std::uint64_t>(family));
  Case c;
  Drive& drive = c.drive;
  drive.name = fmt::format("{}-{}", family_name(family), seed);
  drive.seed = seed;
  drive.dies = lot.whole(2, 48);
  drive.page_kib = 16U << lot.whole(1, 8) / 3;
  drive.read_us = lot.whole(20, 160);
  drive.program_us =
      static_cast<unsigned>(drive.read_us * (family == Family::kFlat ? 1 : lot.doubling(2, 16)));
  if (family == Family::kNoisy || family == Family::kFlat) add_noise(drive, lot);
  if (family == Family::kBuffered) {
    add_buffer(drive, lot);
    if (lot.one_in(2)) add_noise(drive, lot);
  }
  if (family == Family::kReadFirst) {
    drive.read_first = true;
    if (lot.one_in(2)) drive.suspend_us = lot.whole(5, 50);
    if (lot.one_in(2)) add_buffer(drive, lot);
    if (lot.one_in(2)) add_noise(drive, lot);
  }
  c.load.decode = lot.between(0.03, 0.1);
  c.load.prefetch = lot.between(0, 0.1);
  c.load.decode_kib = std::max(64U, drive.page_kib);
  c.load.prefill_kib = std::max(128U << lot.whole(1, 4) / 2, 2 * drive.page_kib);
  // Settled: the buffer has been drained once, and 0.5 s; slow drives have few reads in a second.
  const double program_mb_s = drive.dies * drive.page_kib * 1.024 / drive.program_us * 1e3;
  c.load.warm_seconds = 1.5 + 2 * drive.buffer_kib * 1.024e-3 / program_mb_s;
  c.load.seconds = c.load.warm_seconds + 4;
  return c;
}

std::string describe(const Case& c) {
  const Drive& d = c.drive;
  return fmt::format(
      "{}: {} dies, {} KiB pages, read {} us, program {} us, buffer {} KiB ({} us{}), read_first "
      "{} "
      "suspend {} us, spread {} %, outliers {} ppm x {}, pauses {} ms every {} ms; decode {:.3f}, "
      "prefetch {:.3f} of the reads, prefill by {} KiB",
      d.name, d.dies, d.page_kib, d.read_us, d.program_us, d.buffer_kib, d.buffer_ack_us,
      d.buffer_blocks_queue ? ", blocks" : "", d.read_first, d.suspend_us, d.spread_percent,
      d.outlier_ppm, d.outlier_factor, d.pause_ms, d.pause_every_ms, c.load.decode, c.load.prefetch,
      c.load.prefill_kib);
}

}  // namespace kairo::simulator
