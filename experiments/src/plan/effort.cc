// SPDX-License-Identifier: GPL-2.0-only
#include "plan/effort.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "plan/campaign_plan.h"

namespace kairo::experiments {
namespace {

// Of one core. The quickstart's 36 runs of 2 s in 6 boots take 2 minutes of two idle cores.
constexpr std::uint64_t kSecondsPerLoadSecond = 3;
constexpr std::uint64_t kSecondsPerBoot = 5;

}  // namespace

Effort effort_of(const Definition& definition) {
  Effort out;
  for (const LoadDefinition& load : definition.loads) {
    const std::size_t runs = definition.repeats_of(load) * definition.arms.size();
    out.runs += runs;
    out.load_seconds += runs * definition.seconds_of(load);
  }
  for (unsigned repeat = 1; repeat <= most_repeats(definition); ++repeat)
    out.boots += boots_of(definition, repeat).size();
  const std::size_t profiles = definition.profiles.size();
  return {out.runs * profiles, out.boots * profiles, out.load_seconds * profiles};
}

std::uint64_t estimated_minutes(const Effort& effort, unsigned guests) {
  const std::uint64_t at_once =
      std::clamp<std::uint64_t>(guests, 1, std::max<std::size_t>(1, effort.boots));
  const std::uint64_t seconds =
      (effort.load_seconds * kSecondsPerLoadSecond + effort.boots * kSecondsPerBoot) / at_once;
  return std::max<std::uint64_t>(1, (seconds + 30) / 60);
}

std::string effort_text(const Effort& effort, unsigned guests) {
  return fmt::format(
      "{} runs in {} boots, about {} min (estimate: {} s of load, guests at a time: {})",
      effort.runs, effort.boots, estimated_minutes(effort, guests), effort.load_seconds, guests);
}

unsigned default_guests() {
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace kairo::experiments
