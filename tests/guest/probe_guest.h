// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "guest_lab.h"

namespace kairo::testing {

// lab_guest() with metadata_probe on board: `probe SCENARIO PATH ...` in its script runs it and
// fails the test with what it says. `regions NAME` is a counter of the regions, all_ended fails
// unless every region that was registered ends within 5 s.
kernel::GuestSpec probe_guest(const std::string& config = "lab");

// Runs a scenario in which writes are in the drive for a second while all ids of contexts are
// taken.
void add_in_flight(kernel::GuestSpec& spec, const std::string& scenario);

// Puts mkfs on board: `make_file_system SIZE` in the script mounts one of /dev/kssd0, which must be
// memory-backed, at /tmp/m. It has direct I/O.
void add_file_system(kernel::GuestSpec& spec);

// Puts setpriv on board: `as_nobody COMMAND...` in the script runs it as a user without privileges.
void add_nobody(kernel::GuestSpec& spec);

}  // namespace kairo::testing
