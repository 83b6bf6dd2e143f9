// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "guest_lab.h"

namespace kairo::testing {

// A drive of `mib` MiB that QEMU emulates and that keeps no data (reads are zeroes). `devices` are
// QEMU's -device; the namespace among them says drive=drive. Times in such a guest are the host's.
void add_emulated_drive(kernel::GuestSpec& spec, unsigned mib,
                        const std::vector<std::string>& devices);

// The same, of a drive that keeps its data: in `file`, which is made anew and stays.
void add_stored_drive(kernel::GuestSpec& spec, const std::filesystem::path& file, unsigned mib,
                      const std::vector<std::string>& devices);

// An emulated NVMe drive with `kairo` on board: `inspect NAME` in the script leaves what
// `kairo device inspect nvme0n1 --json` says in /out/NAME.
void add_nvme(kernel::GuestSpec& spec, unsigned mib, const std::vector<std::string>& devices);

// "facts" of such a file; empty, and a failure of the test, when it cannot be read.
nlohmann::json saved_facts(const std::filesystem::path& file);

// One of them, null when there is none.
nlohmann::json fact(const nlohmann::json& facts, const std::string& group, const std::string& name);

}  // namespace kairo::testing
