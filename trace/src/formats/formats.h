// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kairo/trace/format.h"

namespace kairo::trace {

extern const FormatInfo kAzure;
extern const FormatInfo kBailian;
extern const FormatInfo kBurstGpt;
extern const FormatInfo kMooncake;

}  // namespace kairo::trace
