// SPDX-License-Identifier: GPL-2.0-only
// Every refusal of a job for its options, before any I/O. The Errors are for the user.
#pragma once

#include <cstdint>

#include "job.h"
#include "kairo/base/result.h"

namespace kairo::engine {

// Options that do not go together, or not with what the job does.
base::Status check_job(const Job& job);

// Of a job that writes or trims: a drive in use.
base::Status check_devices(const Job& job);

// Of a replay, when its file is there: smaller than the device that the workload is for.
base::Status check_device_size(const Job& job, std::uint64_t device_bytes);

}  // namespace kairo::engine
