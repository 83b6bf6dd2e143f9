// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kairo/experiments/definition.h"
#include "kairo/experiments/profile.h"
#include "kairo/experiments/runner.h"

namespace kairo::experiments {

// One run in the guest: a load under an arm.
struct GuestRun {
  const LoadDefinition* load = nullptr;
  const reports::Arm* arm = nullptr;
};

// Paths and values the script needs, all as the guest sees them.
struct GuestPaths {
  std::string fio;
  std::string engine;                         // kairo.so
  std::string job_directory = "/kairo/jobs";  // <load>/<arm>.fio
  std::string workload_directory;             // <load>, for the loads that replay a workload
  std::string sampler = {};                   // kairo-sampler
  CostProbe probe = CostProbe::kNone;
  std::string bpftrace = {};           // for the arms with a script
  std::string tracing_directory = {};  // the scripts
};

inline constexpr std::string_view kGuestDevice = "kssd0";

// The size of decode and prefetch reads in the synthetic jobs (${KAIRO_DECODE_BS} ...): one page of
// 16 tokens of one layer, and what devices see of larger reads. reference: Llama-3-8B geometry.
inline constexpr std::uint64_t kDecodeBytes = std::uint64_t{64} << 10;
inline constexpr std::uint64_t kPrefetchBytes = std::uint64_t{128} << 10;

// What the first job of a job file runs first: the mark of where the load begins.
inline constexpr std::string_view kBeginCommand = "sh /tmp/begin";

// The script that executes `runs` in order on a device made anew for each. It leaves
// /out/<load>/<arm>/{fio.json,engine-*.json,device.txt,counters-*.txt,tunables.txt,guest.txt,
// samples/*,collected/*} and
// prints a line `kairo-run <load> <arm>` as each begins. Exit status: 0, or 1 with a message when
// the device, the scheduler or a tunable is refused. fio's own status is in guest.txt.
std::string guest_script(const Definition& definition, const DeviceProfile& profile,
                         const GuestPaths& paths, const std::vector<GuestRun>& runs,
                         std::uint64_t seed);

}  // namespace kairo::experiments
