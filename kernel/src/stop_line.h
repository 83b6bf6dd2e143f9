// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>

namespace kairo::kernel {

// The way to tell a guest to stop its script: QEMU's socket of the guest's output port.
class StopLine {
 public:
  StopLine() = default;
  ~StopLine();
  StopLine(const StopLine&) = delete;
  StopLine& operator=(const StopLine&) = delete;

  // False when nobody listens there. The object must live until the guest has ended: QEMU drops
  // what it has not read yet when the other side closes.
  bool send(const std::filesystem::path& socket);

  // Whether a Unix socket can have this path: its address has little room.
  static bool fits(const std::filesystem::path& socket);

 private:
  int port_ = -1;
};

}  // namespace kairo::kernel
