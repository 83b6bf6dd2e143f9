// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>

#include "kairo/base/result.h"
#include "kairo/engine/workload.h"
#include "kairo/experiments/runner.h"
#include "kairo/trace/writer.h"

namespace kairo::experiments {

// A workload as it will be replayed.
struct LoadedWorkload {
  engine::Workload workload;
  trace::HeaderLines header;  // how it was made; empty when `source` is one
  bool imported = false;
};

// Reads `source` or imports it, as make_workload() does, and writes nothing. Refuses one that the
// profile's drive is too small for.
base::Result<LoadedWorkload> load_workload(const std::filesystem::path& source,
                                           const DeviceProfile& profile);

// Makes the workload file a load replays: `source` itself when it is a workload file that fits the
// device, else an import of the LLM request trace `source` for a device of the profile's size,
// written to `name` in the result folder `out_dir`. The facts go to the report.
base::Result<Campaign::Workload> make_workload(const std::filesystem::path& source,
                                               const DeviceProfile& profile,
                                               const std::filesystem::path& out_dir,
                                               const std::filesystem::path& name);

}  // namespace kairo::experiments
