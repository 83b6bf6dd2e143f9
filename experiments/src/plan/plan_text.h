// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "kairo/experiments/runner.h"

namespace kairo::experiments {

// What a campaign will do, for --dry-run: the drive, what each arm sets, what each load runs, and
// every run in its order, with `boots` by the guest it is in. Nothing in it was measured.
std::string plan_text(const Campaign& campaign, bool boots);

}  // namespace kairo::experiments
