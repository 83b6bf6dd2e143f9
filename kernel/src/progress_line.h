// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace kairo::kernel {

// What is printed of a build while it goes on: its first step at once, then a line each 10 s, or
// each second on a terminal, where it overwrites itself. Knows no clock and prints nothing, so that
// both are the caller's.
class ProgressLine {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ProgressLine(bool terminal) : terminal_(terminal) {}

  // The text for step number `done`, or nothing. `total` is 0 when nobody knows it.
  std::string step(std::size_t done, std::size_t total, Time now);
  // The text for the end: how many steps there were, as a build of what changed ends long before a
  // full one would. Nothing when there was none.
  [[nodiscard]] std::string end(Time now) const;

 private:
  bool terminal_;
  std::size_t done_ = 0;
  std::optional<Time> last_ = {};  // when something was printed
  Time begin_ = {};
};

}  // namespace kairo::kernel
