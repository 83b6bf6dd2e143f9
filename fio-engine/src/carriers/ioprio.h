// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "carriers.h"

namespace kairo::engine {

// The ioprio that goes out for a class: kv_prio's, with the class itself in its hint bits or not.
std::uint16_t class_ioprio(const PrioOptions& prio, hint::Class cls, bool with_class);

}  // namespace kairo::engine
