// SPDX-License-Identifier: GPL-2.0-only
// Many machines: fio's own client/server mode. Each host runs `fio --server` and has the engine;
// fio here sends every host the job, and brings the histograms of all of them back in one file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/experiments/runner.h"

namespace kairo::experiments {

// A machine with `fio --server=ip:NAME,PORT`.
struct FleetHost {
  std::string name;  // address or host name
  unsigned port = 8765;
};

// `10.0.0.1` or `10.0.0.1:8766`.
base::Result<FleetHost> parse_host(std::string_view text);

struct Fleet {
  std::vector<FleetHost> hosts;
  std::string device;  // the drive or file to use, the same path on every host
  std::string engine;  // kairo.so on the hosts
};

// Leaves out what fio's servers cannot do: loads that replay a trace, which would have to lie
// there, and figures over time. Refuses arms that differ in scheduler or tunables: those are their
// owner's. Returns what was left out, `load: reason`.
base::Result<std::vector<std::string>> fit_to_fleet(Definition& definition);

// The campaign, one run after the other, on all hosts at the same time. A finished run is not
// repeated. The queues of the hosts stay as they are.
base::Status run_fleet_campaign(const Campaign& campaign, const Fleet& fleet,
                                const OnProgress& on_progress);

}  // namespace kairo::experiments
