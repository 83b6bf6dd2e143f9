// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kairo::kernel {

// The complaints in a kernel log, each an excerpt of at most 40 lines from its first line to its
// end marker or to the next complaint: BUG, WARNING, oops, general protection fault, panic, lockdep
// and RCU reports, hung tasks, stalls, lockups, KASAN, KCSAN, UBSAN, list and slab corruption,
// interrupts that nobody takes, NVMe commands that time out, inodes and devices left behind, a file
// system that finds itself damaged, no memory, and every other stack trace.
// A complaint is recognised at the start of a message, after the time stamp and the name of a part
// of the kernel, so that a quotation in the middle of a line is not one. The trace that fault
// injection prints is not a complaint, nor is an I/O error, which tests provoke.
std::vector<std::string> find_kernel_complaints(std::string_view log);

// The last `lines` lines without trailing blank ones, carriage returns and escape sequences
// removed.
std::string last_lines(std::string_view text, std::size_t lines);

}  // namespace kairo::kernel
