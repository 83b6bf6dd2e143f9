// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/console_log.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <deque>
#include <utility>

#include "kairo/base/text.h"

namespace kairo::kernel {
namespace {

constexpr std::size_t kExcerptLines = 40;
// dump_stack() prints up to three lines of its own between the title and the trace.
constexpr std::size_t kLinesBeforeTrace = 4;

// What a complaint's message starts with, behind the name of a part of the kernel ("rcu: ",
// "watchdog: ") or without one.
constexpr std::array kStarts = std::to_array<std::string_view>({
    // of whatever a WARN() or BUG() says, which is between this and its "WARNING: " or "kernel BUG
    // at "
    "------------[ cut here ]",
    "BUG: ",           // null pointers, KASAN, KCSAN, soft lockups, sleeping while atomic, memory
    "BUG ",            // slab corruption: "BUG kmalloc-64 (Not tainted): ..."
    "kernel BUG at ",  // BUG()
    "WARNING: ",       // WARN() and every lockdep report
    "INFO: task ",     // hung tasks
    "INFO: trying to register non-static key",
    "INFO: possible recursive locking",
    "INFO: possible irq lock inversion",
    "INFO: rcu",  // stalls
    "INFO: lockdep is turned off",
    "Watchdog detected hard LOCKUP",
    "Detected non-responsive CSD lock",
    "Kernel panic - ",
    "PANIC: ",  // double faults
    "Oops: ",
    "general protection fault",
    "Internal error: ",
    "UBSAN: ",
    "list_add corruption",
    "list_add double add",
    "list_del corruption",
    "refcount_t: ",
    "DEBUG_LOCKS_WARN_ON(",
    // interrupts that nobody takes, after which the line is off and its drivers wait for time-outs
    "irq event ",
    "Disabling IRQ #",
    "No irq handler for ",
    "Uhhuh. NMI received",
    "NOHZ tick-stop error: ",
    "huh, entered ",  // a softirq or a timer that leaves with another preemption count
    // what was left behind, or put where something is
    "VFS: Busy inodes after unmount",
    "unregister_netdevice: waiting for ",
    "cannot create duplicate filename",
    // no fault was injected into these
    "EXT4-fs error ",
    "Aborting journal on device",
    "Out of memory",
});

// What a complaint's message contains when it starts with something that varies.
constexpr std::array kParts = std::to_array<std::string_view>({
    "unable to handle kernel", "unable to handle page fault",
    "possible circular locking dependency", "suspicious RCU usage",
    ": nobody cared (",             // "irq 11: nobody cared (try booting with ..."
    "timeout, completion polled",   // nvme: the drive was done, its interrupt never came
    "timeout, disable controller",  // nvme, as the next two: no answer for 30 s
    "timeout, reset controller", "timeout, aborting req_op", "page allocation failure: ",
    "suspected memory leaks",  // kmemleak
});

// dump_stack(): whatever its title says, somebody found it worth a trace, but for what was asked
// for: a fault that is injected, and the limit of a control group. That the machine has no memory
// is said in words of its own ("Out of memory").
constexpr std::string_view kTrace = "Call Trace:";
constexpr std::string_view kInjected = "FAULT_INJECTION: forcing a failure";
constexpr std::string_view kOutOfMemory = " invoked oom-killer: ";

std::string_view without_carriage_return(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  while (line.starts_with('\r')) line.remove_prefix(1);
  return line;
}

// "[    1.234567] text" or "[    1.234567][  T12] text" or "<4>[ 1.0] text" to "text".
std::string_view message_of(std::string_view line) {
  if (line.size() > 3 && line[0] == '<' && line.find('>') <= 3)
    line.remove_prefix(line.find('>') + 1);
  while (line.starts_with('[')) {
    const auto close = line.find(']');
    if (close > 24) break;  // npos is, too
    const std::string_view inside = line.substr(1, close - 1);
    const auto digit = inside.find_first_not_of(' ');
    const bool stamp = digit != std::string_view::npos &&
                       (std::isdigit(static_cast<unsigned char>(inside[digit])) != 0 ||
                        inside[digit] == 'T' || inside[digit] == 'C');
    if (!stamp) break;
    line.remove_prefix(close + 1);
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
  return line;
}

// "rcu: INFO: ..." to "INFO: ...".
std::string_view without_part_name(std::string_view message) {
  const auto colon = message.find(": ");
  if (colon == std::string_view::npos || message.find(' ') < colon) return message;
  return message.substr(colon + 2);
}

bool is_complaint(std::string_view message) {
  const std::string_view told = without_part_name(message);
  const auto starts = [&](std::string_view text) {
    return message.starts_with(text) || told.starts_with(text);
  };
  const auto contains = [&](std::string_view text) {
    return message.find(text) != std::string_view::npos;
  };
  return std::any_of(kStarts.begin(), kStarts.end(), starts) ||
         std::any_of(kParts.begin(), kParts.end(), contains);
}

// Above and below a report.
bool is_rule(std::string_view message) {
  return message.starts_with("======");
}

bool is_end(std::string_view message) {
  return message.starts_with("---[ end ") || is_rule(message);
}

}  // namespace

std::vector<std::string> find_kernel_complaints(std::string_view log) {
  std::vector<std::string> found;
  std::size_t lines = 0;           // of the open excerpt; 0: none is open
  std::deque<std::string> before;  // the lines before this one that no excerpt has
  bool asked_for = false;          // the next trace is none of a complaint
  const auto open = [&](std::string_view line, std::size_t introduction) {
    found.emplace_back();
    for (std::size_t i = before.size() - introduction; i < before.size(); ++i)
      found.back().append(before[i]);
    found.back().append(line).append("\n");
    before.clear();
    lines = 1;
  };
  for (const std::string_view whole : base::split_lines(log)) {
    const std::string_view line = without_carriage_return(whole);
    const std::string_view message = message_of(line);
    asked_for = asked_for || message.starts_with(kInjected) ||
                message.find(kOutOfMemory) != std::string_view::npos;
    // A lockdep report has its title between two rules; further titles inside an open excerpt
    // belong to it ("WARNING:" then "possible circular"), except an oops or a panic.
    if (is_complaint(message) && (lines == 0 || message.starts_with("Kernel panic"))) {
      open(line, !before.empty() && is_rule(message_of(before.back())) ? 1 : 0);
      continue;
    }
    if (lines > 0) {
      if (lines < kExcerptLines) found.back().append(line).append("\n");
      // The rule right under a lockdep title does not end its report.
      const bool ends = is_end(message) && (lines > 2 || message.starts_with("---[ end "));
      lines = ends || lines >= kExcerptLines ? 0 : lines + 1;
      continue;
    }
    if (message.starts_with(kTrace) && !std::exchange(asked_for, false)) {
      open(line, before.size());
      continue;
    }
    before.push_back(std::string(line) + "\n");
    if (before.size() > kLinesBeforeTrace) before.pop_front();
  }
  return found;
}

std::string last_lines(std::string_view text, std::size_t lines) {
  std::deque<std::string> kept;
  for (const std::string_view whole : base::split_lines(text)) {
    std::string line(without_carriage_return(whole));
    // The BIOS clears the screen and moves the cursor on the serial line.
    for (auto escape = line.find('\x1b'); escape != std::string::npos; escape = line.find('\x1b')) {
      const auto end = line.find_first_of("ABCDHJKcfhlmsu", escape + 1);
      line.erase(escape, end == std::string::npos ? std::string::npos : end - escape + 1);
    }
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    kept.push_back(std::move(line));
    if (kept.size() > lines) kept.pop_front();
  }
  std::string out;
  for (const std::string& line : kept) out += line + "\n";
  return out;
}

}  // namespace kairo::kernel
