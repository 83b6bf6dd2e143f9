// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/console_log.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <deque>

#include "kairo/base/text.h"

namespace kairo::kernel {
namespace {

constexpr std::size_t kExcerptLines = 40;

// What a complaint's message starts with.
constexpr std::array<std::string_view, 22> kStarts = {
    "BUG: ",           // null pointers, KASAN, KCSAN, soft lockups, sleeping while atomic, memory
    "BUG ",            // slab corruption: "BUG kmalloc-64 (Not tainted): ..."
    "kernel BUG at ",  // BUG()
    "WARNING: ",       // WARN() and every lockdep report
    "INFO: task ",     // hung tasks
    "INFO: trying to register non-static key",
    "INFO: possible recursive locking",
    "INFO: possible irq lock inversion",
    "INFO: rcu",
    "INFO: lockdep is turned off",
    "rcu: INFO: ",      // stalls
    "watchdog: BUG: ",  // lockups
    "Watchdog detected hard LOCKUP",
    "Kernel panic - ",
    "Oops: ",
    "general protection fault",
    "Internal error: ",
    "UBSAN: ",
    "list_add corruption",
    "list_del corruption",
    "refcount_t: ",
    "DEBUG_LOCKS_WARN_ON(",
};

// What a complaint's message contains when it starts with something that varies.
constexpr std::array<std::string_view, 4> kParts = {
    "unable to handle kernel",
    "unable to handle page fault",
    "possible circular locking dependency",
    "suspicious RCU usage",
};

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

bool is_complaint(std::string_view message) {
  const auto starts = [&](std::string_view text) { return message.starts_with(text); };
  const auto contains = [&](std::string_view text) {
    return message.find(text) != std::string_view::npos;
  };
  return std::any_of(kStarts.begin(), kStarts.end(), starts) ||
         std::any_of(kParts.begin(), kParts.end(), contains);
}

// The line that introduces a report: the excerpt begins there.
bool is_introduction(std::string_view message) {
  return message.starts_with("------------[ cut here ]") || message.starts_with("======");
}

bool is_end(std::string_view message) {
  return message.starts_with("---[ end ") || message.starts_with("======");
}

}  // namespace

std::vector<std::string> find_kernel_complaints(std::string_view log) {
  std::vector<std::string> found;
  std::size_t lines = 0;  // of the open excerpt; 0: none is open
  std::string introduction;
  for (const std::string_view whole : base::split_lines(log)) {
    const std::string_view line = without_carriage_return(whole);
    const std::string_view message = message_of(line);
    // A lockdep report has its title between two rules; further titles inside an open excerpt
    // belong to it ("WARNING:" then "possible circular"), except an oops or a panic.
    if (is_complaint(message) && (lines == 0 || message.starts_with("Kernel panic"))) {
      found.push_back(introduction + std::string(line) + "\n");
      introduction.clear();
      lines = 1;
      continue;
    }
    if (lines > 0) {
      if (lines < kExcerptLines) found.back().append(line).append("\n");
      // The rule right under a lockdep title does not end its report.
      const bool ends = is_end(message) && (lines > 2 || message.starts_with("---[ end "));
      lines = ends || lines >= kExcerptLines ? 0 : lines + 1;
      continue;
    }
    introduction = is_introduction(message) ? std::string(line) + "\n" : std::string();
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
