// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

namespace kairo::base {

// What goes on, on stderr: a line that overwrites itself when a person watches, else a line each.
class StatusLine {
 public:
  StatusLine();
  void show(std::string_view text) const;
  // The last text, which stays.
  void end(std::string_view text) const;
  // What was shown last stays.
  void end() const;
  [[nodiscard]] bool watched() const { return terminal_; }

 private:
  bool terminal_;
};

}  // namespace kairo::base
