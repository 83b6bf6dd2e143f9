// SPDX-License-Identifier: GPL-2.0-only
#include "boot_shortcut.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <numeric>
#include <string>
#include <string_view>
#include <thread>

#include "build_folder.h"
#include "kairo/base/files.h"
#include "kairo/base/interrupt.h"
#include "kairo/base/short_names.h"
#include "kairo/base/units.h"
#include "kairo/kernel/build.h"
#include "kairo/kernel/kconfig.h"

namespace kairo::kernel {
namespace {

constexpr std::uint64_t kApicHz = 1'000'000'000;  // hw/intc/apic_common.c: one count a nanosecond
constexpr int kReplyMs = 10'000;
constexpr std::chrono::milliseconds kBootLimit{120'000};  // to the stop, on a busy host
constexpr std::chrono::milliseconds kConnectLimit{5'000};
constexpr std::chrono::milliseconds kConnectPause{50};
constexpr int kTickMs = 200;  // between two looks whether somebody interrupts

std::optional<std::uint64_t> address_of(std::string_view map, std::string_view symbol) {
  const std::string ending = fmt::format(" {}\n", symbol);
  const auto at = map.find(ending);
  if (at == std::string_view::npos) return std::nullopt;
  const auto newline = map.rfind('\n', at);
  const std::string_view line = map.substr(newline == std::string_view::npos ? 0 : newline + 1);
  constexpr std::size_t kDigits = 16;
  if (line.size() < kDigits) return std::nullopt;
  std::uint64_t address = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + kDigits, address, 16);
  if (error != std::errc() || end != line.data() + kDigits) return std::nullopt;
  return address;
}

// The image itself, or the one in the cache that it is a copy of: that one has its build around it.
fs::path original_of(const fs::path& image) {
  constexpr std::uint64_t kMaxImageBytes = 256U << 20;
  std::error_code ignored;
  for (const char* const config : {"lab", "debug", "base"}) {
    const auto built = built_image(config);
    if (!built || fs::file_size(*built, ignored) != fs::file_size(image, ignored)) continue;
    const auto ours = base::read_file(*built, kMaxImageBytes);
    const auto given = base::read_file(image, kMaxImageBytes);
    if (ours && given && *ours == *given) return *built;
  }
  return image;
}

// The few packets of gdb's remote protocol that are needed.
class GdbPort {
 public:
  GdbPort() = default;
  GdbPort(const GdbPort&) = delete;
  GdbPort& operator=(const GdbPort&) = delete;
  ~GdbPort() {
    if (fd_ >= 0) ::close(fd_);
  }

  // QEMU needs a moment to open the socket.
  bool connect(const fs::path& socket, std::chrono::milliseconds limit) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.string().size() >= sizeof address.sun_path) return false;
    std::strcpy(address.sun_path, socket.c_str());
    for (auto waited = kConnectPause * 0; waited <= limit; waited += kConnectPause) {
      if (base::InterruptGuard::interrupted()) return false;
      fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto* const name = reinterpret_cast<const sockaddr*>(&address);
      if (fd_ >= 0 && ::connect(fd_, name, sizeof address) == 0) return true;
      if (fd_ >= 0) ::close(fd_);
      fd_ = -1;
      std::this_thread::sleep_for(kConnectPause);
    }
    return false;
  }

  // Sends a packet; returns the reply, empty when none came in time.
  std::string ask(const std::string& packet, int timeout_ms) {
    const unsigned sum = std::accumulate(packet.begin(), packet.end(), 0U,
                                         [](unsigned total, char c) {
                                           return total + static_cast<unsigned char>(c);
                                         }) &
                         0xffU;
    const std::string framed = fmt::format("${}#{:02x}", packet, sum);
    if (::send(fd_, framed.data(), framed.size(), MSG_NOSIGNAL) < 0) return {};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (true) {
      const auto begin = received_.find('$');
      const auto end = received_.find('#', begin);
      if (begin != std::string::npos && end != std::string::npos && received_.size() >= end + 3) {
        std::string reply = received_.substr(begin + 1, end - begin - 1);
        received_.erase(0, end + 3);
        if (::send(fd_, "+", 1, MSG_NOSIGNAL) < 0) return {};
        return reply;
      }
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 || base::InterruptGuard::interrupted()) return {};
      pollfd waiting = {fd_, POLLIN, 0};
      const int wait_ms = static_cast<int>(std::min<std::int64_t>(left.count(), kTickMs));
      if (::poll(&waiting, 1, wait_ms) <= 0) continue;
      char buffer[4096];
      const ssize_t got = ::read(fd_, buffer, sizeof buffer);
      if (got <= 0) return {};
      received_.append(buffer, static_cast<std::size_t>(got));
    }
  }

 private:
  int fd_ = -1;
  std::string received_;
};

}  // namespace

std::optional<BootShortcut> find_boot_shortcut(const fs::path& image) {
  std::error_code ignored;
  const auto build_of = [&](const fs::path& file) {
    return build_of_image(fs::absolute(file, ignored));
  };
  fs::path build = build_of(image);
  if (!fs::exists(build / "System.map", ignored)) build = build_of(original_of(image));
  const auto map = base::read_file(build / "System.map", 64U << 20);
  const auto config_text = base::read_file(build / ".config", 16U << 20);
  if (!map || !config_text) return std::nullopt;
  const auto config = parse_config(*config_text, ".config");
  if (!config || config->count("CONFIG_HZ") == 0) return std::nullopt;
  const auto hz = base::parse_u64(config->at("CONFIG_HZ"));
  const auto stop_at = address_of(*map, "setup_boot_APIC_clock");
  const auto variable = address_of(*map, "lapic_timer_period");
  if (!hz || *hz == 0 || !stop_at || !variable) return std::nullopt;
  return BootShortcut{*stop_at, *variable, static_cast<std::uint32_t>(kApicHz / *hz)};
}

Status take_boot_shortcut(const BootShortcut& shortcut, const fs::path& socket,
                          std::chrono::milliseconds boot_limit) {
  GdbPort port;
  if (!port.connect(socket, std::min(boot_limit, kConnectLimit)))
    return fail(ErrorCode::kUnavailable, "{}: QEMU does not open its gdb port", socket.string());
  const std::uint32_t v = shortcut.value;
  const std::string little_endian =
      fmt::format("{:02x}{:02x}{:02x}{:02x}", v & 0xff, (v >> 8) & 0xff, (v >> 16) & 0xff, v >> 24);
  const std::string stop = fmt::format("1,{:x},1", shortcut.stop_at);
  const struct {
    std::string packet;
    std::string_view expected;  // start of the reply
    int timeout_ms;
  } steps[] = {{"Z" + stop, "OK", kReplyMs},
               {"c", "T05", static_cast<int>(std::min(boot_limit, kBootLimit).count())},
               {fmt::format("M{:x},4:{}", shortcut.variable, little_endian), "OK", kReplyMs},
               {"z" + stop, "OK", kReplyMs},
               {"D", "OK", kReplyMs}};
  for (const auto& step : steps) {
    const std::string reply = port.ask(step.packet, step.timeout_ms);
    if (!reply.starts_with(step.expected))
      return fail(ErrorCode::kUnavailable, "QEMU's gdb port answers '{}' to '{}'", reply,
                  step.packet);
  }
  return {};
}

}  // namespace kairo::kernel
