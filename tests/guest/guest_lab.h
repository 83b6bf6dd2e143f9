// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "kairo/base/files.h"
#include "kairo/kernel/guest.h"
#include "kairo/reports/run_data.h"

// What the tests that boot the patched kernel share. They need the lab kernel (`kairo kernel
// build`), fio and the engine; without one of them the program ends with 77 and says which.
namespace kairo::testing {

// The built kernel, lab, debug or base, with fio and the engine on board. Its script begins with
// shell functions: make_device [attribute=value ...] creates /dev/kssd0, remove_device takes it
// away, use_scheduler NAME selects and verifies, kairo_device [...] does both with kairo, fail
// WORDS ends the script; cell FILE COLUMN WORD... is what a table has in the column of that name in
// the line that begins with the words, pick FILE COLUMN... all lines of such columns, count CLASS
// COLUMN that of the counters of the scheduler of /dev/kssd0, and balanced [DEVICE] fails unless
// something was queued there, all of it was dispatched or merged, and all that was dispatched has
// ended. Ends the program with status 77 when something is missing.
//
// KAIRO_TEST_KERNEL=IMAGE in the environment boots that bzImage instead of the lab kernel, with
// KAIRO_TEST_KERNEL_ARGUMENTS on its command line: one with the same series and a change to see
// what the tests make of it (tests/mutants). It says its series in kairo-build-id as the cache's
// do. What it gives is not noted for docs/kernel-matrix.md.
kernel::GuestSpec lab_guest(const std::string& config = "lab");

// Puts a program that was built here on board, with its libraries: /kairo/NAME.
void add_built(kernel::GuestSpec& spec, const std::filesystem::path& program);

// Puts bpftrace with its libraries on board, and gives it the memory. Ends the program with status
// 77 when it is not installed.
void add_bpftrace(kernel::GuestSpec& spec);

// Boots with a QEMU whose NVMe drives have flexible data placement. Ends the program with status 77
// when there is none.
void use_newer_qemu(kernel::GuestSpec& spec);

// Keeps what the script leaves in /out: in the folder returned, as long as that lives. Throws,
// which fails the test, when there can be none.
base::TempDir keep_output(kernel::GuestSpec& spec);

// Where kairo.so is in the guest.
std::string engine_path();

// Boots with more of a script at the end of its own, and fails the test (with the guest's words)
// unless that succeeded and the kernel log is clean.
kernel::GuestResult boot_ok(kernel::GuestSpec spec, std::string_view script = "");

// The same; what the script left in /out, as keep_output() does.
base::TempDir boot_kept(kernel::GuestSpec spec, std::string_view script);

// The scheduler's counters by class and column, as a script saved them with
// `cat $counters > /out/counters`, or another `name`. Empty, and a failure of the test, when they
// cannot be read.
reports::CounterTable saved_counters(const std::filesystem::path& out_dir,
                                     const std::string& name = "counters");

// The lines of a file of names and numbers that the script left in /out, but for `header_lines` and
// those that end in another word. Empty, and a failure of the test, when it cannot be read.
using Numbers = std::map<std::string, std::uint64_t>;
Numbers saved_numbers(const std::filesystem::path& file, unsigned header_lines = 0);

// The lines of a table that the script left in /out, by the names in its first line. Empty, and a
// failure of the test, when it cannot be read or a line is longer or shorter than the first.
using Row = std::map<std::string, std::string>;
std::vector<Row> saved_rows(const std::filesystem::path& file);
// The line of $debug/latency for that class and span. Empty, and a failure of the test, when there
// is none.
Row saved_latency(const std::filesystem::path& file, const std::string& cls,
                  const std::string& span);

// The number of that name. 0, and a failure of the test, when there is none.
std::uint64_t number(const Numbers& numbers, const std::string& name);
std::uint64_t number(const Row& row, const std::string& column);

}  // namespace kairo::testing
