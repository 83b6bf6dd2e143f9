// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "documents.h"

namespace kairo::evidence {

// Runs the command of each block with keyed figures, or of the chosen one, below `out`, and
// compares. kShort when a figure differs; a command that fails ends it.
base::Status measure(const Chosen& chosen, const std::filesystem::path& out);

}  // namespace kairo::evidence
