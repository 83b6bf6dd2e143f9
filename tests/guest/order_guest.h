// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "guest_lab.h"

namespace kairo::testing {

// A guest whose script can record in which order requests of all classes and of none leave a
// scheduler that has all of them before it sends the first. In the script, `record NAME SCHEDULER`
// leaves op, sector and bytes of each as the drive got them in /out/NAME; `record NAME kairo
// ENABLE` sets the off switch before, and leaves the counters in /out/NAME.counters.
// `config` as for lab_guest().
kernel::GuestSpec order_guest(const std::string& config = "lab");

// Four writes that keep the drive busy, and what waits behind them meanwhile.
inline constexpr unsigned kOrderBusy = 4;
inline constexpr unsigned kOrderDecode = 17;
inline constexpr unsigned kOrderPrefetch = 13;
inline constexpr unsigned kOrderPrefill = 19;
inline constexpr unsigned kOrderPlain = 12;
inline constexpr unsigned kOrderRequests =
    kOrderBusy + kOrderDecode + kOrderPrefetch + kOrderPrefill + kOrderPlain;

// What `record NAME` left, a request a line. Empty, and a failure of the test, when there is none.
std::string recorded_order(const base::TempDir& out, const std::string& name);

}  // namespace kairo::testing
