// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kairo/experiments/definition.h"
#include "kairo/experiments/profile.h"
#include "kairo/experiments/runner.h"
#include "plan/campaign_plan.h"

namespace kairo::experiments {

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
