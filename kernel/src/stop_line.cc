// SPDX-License-Identifier: GPL-2.0-only
#include "stop_line.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace kairo::kernel {

StopLine::~StopLine() {
  if (port_ >= 0) ::close(port_);
}

bool StopLine::fits(const std::filesystem::path& socket) {
  return socket.string().size() < sizeof sockaddr_un{}.sun_path;
}

bool StopLine::send(const std::filesystem::path& socket) {
  if (!fits(socket) || port_ >= 0) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, socket.c_str());
  port_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return port_ >= 0 &&
         ::connect(port_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
         ::send(port_, "\n", 1, MSG_NOSIGNAL) == 1;
}

}  // namespace kairo::kernel
