// SPDX-License-Identifier: GPL-2.0-only
// simulate FAMILY SEED: a drive by chance without a scheduler and with kairo, and each decision.
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "drives.h"

int main(int argc, char** argv) {
  using namespace kairo::simulator;
  const std::string name = argc == 3 ? argv[1] : "";
  for (const Family family : kFamilies) {
    if (name != family_name(family)) continue;
    const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
    const Case c = random_case(family, seed);
    const Outcome none = simulate(c.drive, c.load, Policy::kNone, seed);
    const Outcome kairo = simulate(c.drive, c.load, Policy::kKairo, seed, true);
    fmt::print("{}{}\n", kairo.trace, describe(c));
    for (const auto& [who, out] : {std::pair{"none", &none}, std::pair{"kairo", &kairo}})
      fmt::print("{:5} decode p50 {:.0f} p99 {:.0f} p99.9 {:.0f} us, prefill {:.0f} MB/s {}\n", who,
                 out->quantile(0.5), out->quantile(0.99), out->quantile(0.999), out->prefill_mb_s,
                 out->state);
    return 0;
  }
  fmt::print(stderr, "usage: simulate plain|noisy|buffered|read_first|flat SEED\n");
  return 2;
}
