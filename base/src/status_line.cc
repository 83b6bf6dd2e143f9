// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/status_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace kairo::base {
namespace {

constexpr std::string_view kOverwrite = "\r\x1b[K";

}  // namespace

StatusLine::StatusLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void StatusLine::show(std::string_view text) const {
  if (terminal_)
    fmt::print(stderr, "{}{}", kOverwrite, text);
  else
    fmt::print(stderr, "{}\n", text);
  std::fflush(stderr);
}

void StatusLine::end(std::string_view text) const {
  fmt::print(stderr, "{}{}\n", terminal_ ? kOverwrite : "", text);
}

void StatusLine::end() const {
  if (terminal_) fmt::print(stderr, "\n");
}

}  // namespace kairo::base
