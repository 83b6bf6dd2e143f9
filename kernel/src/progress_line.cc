// SPDX-License-Identifier: GPL-2.0-only
#include "progress_line.h"

#include <fmt/format.h>

namespace kairo::kernel {
namespace {

using std::chrono::seconds;

// On a terminal: back to the start of the line, and nothing on it.
constexpr const char* kOverwrite = "\r\x1b[K";

}  // namespace

std::string ProgressLine::step(std::size_t done, std::size_t total, Time now) {
  done_ = done;
  if (last_ && now - *last_ < seconds(terminal_ ? 1 : 10)) return {};
  if (!last_) begin_ = now;
  last_ = now;
  const std::string of =
      total == 0 ? " steps" : fmt::format(" of {} steps ({} %)", total, 100 * done / total);
  return fmt::format("{}compiling: {}{}{}", terminal_ ? kOverwrite : "", done, of,
                     terminal_ ? "" : "\n");
}

std::string ProgressLine::end(Time now) const {
  if (!last_) return {};
  return fmt::format("{}compiled: {} steps in {} s\n", terminal_ ? kOverwrite : "", done_,
                     std::chrono::duration_cast<seconds>(now - begin_).count());
}

}  // namespace kairo::kernel
