// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kairo::kernel {

// The complaints in a kernel log, each an excerpt of at most 40 lines from its first line to its
// end marker or to the next complaint: BUG, WARNING, oops, general protection fault, panic, lockdep
// and RCU reports, hung tasks, stalls, lockups, KASAN, KCSAN, UBSAN, list and slab corruption.
// A complaint is recognised at the start of a message, after the time stamp, so that a quotation in
// the middle of a line is not one. Stack traces that fault injection prints are not complaints.
std::vector<std::string> find_kernel_complaints(std::string_view log);

// The last `lines` lines without trailing blank ones, carriage returns and escape sequences
// removed.
std::string last_lines(std::string_view text, std::size_t lines);

}  // namespace kairo::kernel
