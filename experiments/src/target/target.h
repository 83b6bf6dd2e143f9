// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "kairo/experiments/runner.h"
#include "plan/request.h"
#include "target/fleet.h"
#include "target/host_device.h"

namespace kairo::experiments {

// Where a campaign runs: a drive of this machine, several machines, or else the guest.
struct Target {
  std::optional<HostDevice> device = {};
  std::optional<Fleet> fleet = {};
};

// What --target asks for, checked and confirmed. Arms that are not possible there are left out of
// the campaign and told; its environment says what it runs on.
base::Result<Target> prepare_target(const RunOptions& options, Campaign& campaign);

// The campaign, with a line of progress on standard error.
base::Status run_at(const Target& target, const Campaign& campaign);

// A run per load and arm under each probe of --cost, in result folders of their own below
// <out_dir>/cost.
base::Status run_cost(const RunOptions& options, const Target& target, Campaign campaign);

}  // namespace kairo::experiments
