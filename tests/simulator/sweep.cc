// SPDX-License-Identifier: GPL-2.0-only
// sweep FROM TO [FAMILY]: drives by chance under no scheduler, under kairo, and under the best
// fixed pair of budget and rate that keeps 0.97 of the prefill, which an offline search finds for
// each: the best that limits of this kind can do by somebody who knows the drive and the load. The
// targets are those of docs/limits.md.
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "drives.h"

namespace {

using namespace kairo::simulator;

struct Best {
  double p99_us = 0;
  Fixed fixed;
};

// From one request to all of the tags; rates from a little below what the drive does without
// limits.
Best search(const Case& c, std::uint64_t seed, const Outcome& none) {
  Best best{none.quantile(0.99), {}};
  const std::uint64_t request = static_cast<std::uint64_t>(c.load.prefill_kib) << 10;
  for (unsigned requests = 1; requests <= c.load.tags; requests += (requests + 1) / 2) {
    for (const double part : {0.0, 0.975, 0.985, 0.995}) {
      const Fixed fixed{requests * request, part * none.prefill_mb_s};
      const Outcome out = simulate(c.drive, c.load, fixed, seed);
      if (out.prefill_mb_s >= 0.97 * none.prefill_mb_s && out.quantile(0.99) < best.p99_us)
        best = {out.quantile(0.99), fixed};
    }
  }
  return best;
}

struct Tally {
  unsigned drives = 0, prefill = 0, decode = 0, both = 0, aside = 0;
};

// Where no scheduler is within 1.3 times of the best there is nothing to win, and less may be lost.
void judge(Tally& tally, const Outcome& none, const Outcome& kairo, const Best& best) {
  const double p99 = kairo.quantile(0.99), none_p99 = none.quantile(0.99);
  const bool aside = none_p99 <= 1.3 * best.p99_us;
  const bool prefill = kairo.prefill_mb_s >= (aside ? 0.99 : 0.97) * none.prefill_mb_s;
  const bool decode =
      aside ? p99 <= 1.03 * none_p99 : p99 <= 0.6 * none_p99 && p99 <= 1.25 * best.p99_us;
  ++tally.drives;
  tally.aside += aside;
  tally.prefill += prefill;
  tally.decode += decode;
  tally.both += prefill && decode;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: sweep FROM TO [plain|noisy|buffered|read_first|flat]\n");
    return 2;
  }
  const std::uint64_t from = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t to = std::strtoull(argv[2], nullptr, 10);
  const std::string only = argc > 3 ? argv[3] : "";
  fmt::print(
      "# drive | decode p99 us: none kairo best | kairo/best | prefill of none | budget KiB, rate "
      "MB/s\n");
  for (const Family family : kFamilies) {
    if (!only.empty() && only != family_name(family)) continue;
    Tally tally;
    for (std::uint64_t seed = from; seed <= to; ++seed) {
      const Case c = random_case(family, seed);
      const Outcome none = simulate(c.drive, c.load, Policy::kNone, seed);
      const Outcome kairo = simulate(c.drive, c.load, Policy::kKairo, seed);
      const Best best = search(c, seed, none);
      judge(tally, none, kairo, best);
      fmt::print("{}-{} | {:.0f} {:.0f} {:.0f} | {:.2f} | {:.3f} | {} {:.0f}\n",
                 family_name(family), seed, none.quantile(0.99), kairo.quantile(0.99), best.p99_us,
                 kairo.quantile(0.99) / best.p99_us, kairo.prefill_mb_s / none.prefill_mb_s,
                 best.fixed.budget_bytes >> 10, best.fixed.mb_s);
      std::fflush(stdout);
    }
    fmt::print(
        "== {}: {} drives, {} with nothing to win; prefill kept on {}, decode as it should on {}, "
        "both on {}\n",
        family_name(family), tally.drives, tally.aside, tally.prefill, tally.decode, tally.both);
  }
  return 0;
}
