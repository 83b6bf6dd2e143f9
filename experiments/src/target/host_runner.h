// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kairo/experiments/runner.h"
#include "target/host_device.h"

namespace kairo::experiments {

// Leaves out the arms that this kernel cannot do, one by one, and returns `arm: reason` for each.
// Every arm is tried on the device once; the settings are put back. kUnavailable when none is left.
base::Result<std::vector<std::string>> leave_out_impossible_arms(Definition& definition,
                                                                 const HostDevice& device);

// The campaign on a device of this machine: the runs of run_campaign(), one after the other, with
// the queue's settings restored after each and at the end, also after SIGINT or SIGTERM. A finished
// run is not repeated.
base::Status run_host_campaign(const Campaign& campaign, const HostDevice& device,
                               const OnProgress& on_progress);

}  // namespace kairo::experiments
