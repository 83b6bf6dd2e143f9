// SPDX-License-Identifier: GPL-2.0-only
#include "notice.h"

#include <fmt/format.h>
#include <unistd.h>

#include "fio_headers.h"

namespace kairo::engine {

void notice(std::string_view text) {
  const std::string line = fmt::format("kairo: {}\n", text);
  // fio's server sends it to the client, its daemon to the system's log: neither has an --output.
  if (is_backend || log_syslog) {
    log_err("%s", line.c_str());
    return;
  }
  // One call per line, since jobs are processes that speak at the same time. Nobody can be told
  // that there is no standard error.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace kairo::engine
