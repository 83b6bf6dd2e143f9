// SPDX-License-Identifier: GPL-2.0-only
#include "target/host_device.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kairo/base/device_guard.h"
#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "kairo/experiments/definition.h"

namespace kairo::experiments {
namespace {

constexpr std::uint64_t kSysLimit = 1 << 16;
constexpr std::uint64_t kSectorBytes = 512;

// The settings of a queue that an experiment may change; others of the folder are facts.
constexpr const char* kQueueFiles[] = {"nr_requests",  "max_sectors_kb", "nomerges", "rq_affinity",
                                       "wbt_lat_usec", "read_ahead_kb",  "io_poll"};

// A file of sysfs without its newline; empty when it cannot be read.
std::string read_sys(const fs::path& file) {
  const auto text = base::read_file(file, kSysLimit);
  return text ? std::string(base::trim(text->substr(0, text->find('\n')))) : std::string();
}

// sysfs wants one write(2), and no temporary neighbour.
Status write_sys(const fs::path& file, const std::string& value) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0)
    return base::fail(base::ErrorCode::kUnavailable, "{}: {}", file.string(), std::strerror(errno));
  const bool whole =
      ::write(descriptor, value.data(), value.size()) == static_cast<ssize_t>(value.size());
  const int error = errno;
  ::close(descriptor);
  if (whole) return {};
  return base::fail(base::ErrorCode::kUnavailable, "{}: refuses {}: {}", file.string(), value,
                    std::strerror(error));
}

// What to do about the worst of what speaks against the drive.
std::string remedy(const base::DeviceUse& use, const std::string& path) {
  using Kind = base::DeviceUse::Kind;
  switch (use.kind) {
    case Kind::kMounted:
      return fmt::format("umount it, or name another drive; see findmnt {}", path);
    case Kind::kSwap:
      return fmt::format("swapoff {}, or name another drive", path);
    case Kind::kHeld:
      return fmt::format("end what uses it, or name another drive; see lsblk {}", path);
    case Kind::kPartition:
    case Kind::kContent:
      break;
  }
  return fmt::format(
      "all of it would be lost; if nothing of it is needed: wipefs --all {0}, and if that finds "
      "nothing: dd if=/dev/zero of={0} bs=1M count=1",
      path);
}

reports::TextMap read_folder(const fs::path& folder) {
  reports::TextMap out;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(folder, status))
    if (entry.is_regular_file(status))
      if (std::string value = read_sys(entry.path()); !value.empty())
        out.emplace(entry.path().filename().string(), std::move(value));
  return out;
}

// What only the guest can do.
Status check_host(const reports::Arm& arm) {
  if (!arm.script.empty())
    return base::fail(base::ErrorCode::kUnavailable,
                      "arm {}: bpftrace scripts are attached in the guest only", arm.name);
  if (!arm.group_files.empty())
    return base::fail(base::ErrorCode::kUnavailable,
                      "arm {}: control groups are made in the guest only", arm.name);
  return {};
}

Status set_file(const reports::Arm& arm, const std::string& name, const fs::path& file,
                const std::string& value) {
  std::error_code status;
  if (!fs::exists(file, status))
    return base::fail(base::ErrorCode::kUnavailable, "{} has no tunable {}", arm.scheduler, name);
  return write_sys(file, value);
}

}  // namespace

Result<HostDevice> open_host_device(const std::string& path) {
  const auto drive = base::find_block_device(path);
  if (!drive)
    return bad_input("--device {} (name a whole drive: /dev/nvme1n1)", drive.error().message);
  if (!drive->disk.empty())
    return bad_input("--device {}: a partition (its neighbours share the queue; name the drive {})",
                     path, "/dev/" + drive->disk.filename().string());
  const fs::path& sys = drive->sys;
  HostDevice out;
  out.path = drive->path;
  out.name = drive->name;
  out.sys = sys;
  const auto sectors = base::parse_u64(read_sys(sys / "size"));
  if (!sectors || *sectors == 0) return bad_input("--device {}: has no size", path);
  out.bytes = *sectors * kSectorBytes;
  if (read_sys(sys / "ro") != "0") return bad_input("--device {}: read-only", path);
  const auto uses = base::device_uses(*drive);
  if (!uses)
    return base::fail(uses.error().code, "--device {}: {} (repair that, or name another drive)",
                      path, uses.error().message);
  if (!uses->empty())
    return bad_input("--device {}: {} ({})", path, base::describe(*uses),
                     remedy(uses->front(), out.path));
  out.facts["size_bytes"] = std::to_string(out.bytes);
  for (const auto& [key, file] :
       {std::pair{"model", "device/model"}, std::pair{"firmware", "device/firmware_rev"},
        std::pair{"rotational", "queue/rotational"}, std::pair{"write_cache", "queue/write_cache"},
        std::pair{"logical_block_size", "queue/logical_block_size"}})
    if (const std::string value = read_sys(sys / file); !value.empty()) out.facts[key] = value;
  return out;
}

Status confirm_host_device(const HostDevice& device, const std::string& confirmed) {
  std::error_code status;
  if (!confirmed.empty() && fs::canonical(confirmed, status) == device.path) return {};
  return base::fail(base::ErrorCode::kUsage,
                    "everything on {} ({}{}; no file system, volume or partition table was found) "
                    "will be lost: say so with --overwrite {}",
                    device.path, base::format_bytes(device.bytes),
                    device.facts.count("model") != 0 ? ", " + device.facts.at("model") : "",
                    device.path);
}

Result<QueueSettings> QueueSettings::save(const HostDevice& device) {
  QueueSettings out(device.sys);
  out.scheduler_ = base::selected(read_sys(device.sys / "queue/scheduler"));
  if (out.scheduler_.empty())
    return base::fail(base::ErrorCode::kUnavailable, "{}: has no queue/scheduler",
                      device.sys.string());
  for (const char* const name : kQueueFiles)
    if (std::string value = read_sys(device.sys / "queue" / name); !value.empty())
      out.queue_.emplace(name, std::move(value));
  out.iosched_ = read_folder(device.sys / "queue/iosched");
  return out;
}

QueueSettings::QueueSettings(QueueSettings&& other) noexcept
    : sys_(std::move(other.sys_)),
      scheduler_(std::move(other.scheduler_)),
      queue_(std::move(other.queue_)),
      iosched_(std::move(other.iosched_)),
      touched_(std::move(other.touched_)),
      owned_(std::exchange(other.owned_, false)) {}

QueueSettings::~QueueSettings() {
  if (!owned_) return;
  if (const auto restored = restore(); !restored) base::report_error(restored.error());
}

Status QueueSettings::apply(const reports::Arm& arm) {
  KAIRO_CHECK(check_host(arm));
  KAIRO_CHECK(restore());
  // As found, that is, before the scheduler changes: it sets some of them. Those of the queue are
  // known already.
  for (const auto& [name, value] : arm.device_files)
    if (queue_.count(name.substr(name.rfind('/') + 1)) == 0)
      touched_.emplace(name, read_sys(sys_ / name));
  if (auto set = write_sys(sys_ / "queue/scheduler", arm.scheduler); !set)
    return base::fail(base::ErrorCode::kUnavailable, "this kernel has no scheduler {}",
                      arm.scheduler);
  const std::string now(base::selected(read_sys(sys_ / "queue/scheduler")));
  if (now != arm.scheduler)
    return base::fail(base::ErrorCode::kUnavailable, "scheduler {} is not active: {}",
                      arm.scheduler, now);
  for (const auto& [name, value] : arm.tunables)
    KAIRO_CHECK(set_file(arm, name, sys_ / "queue/iosched" / name, value));
  for (const auto& [name, value] : arm.device_files)
    KAIRO_CHECK(set_file(arm, name, sys_ / name, value));
  return {};
}

reports::TextMap QueueSettings::current() const {
  reports::TextMap out;
  out.emplace("scheduler", read_sys(sys_ / "queue/scheduler"));
  for (const auto& [name, found] : queue_) out.emplace(name, read_sys(sys_ / "queue" / name));
  // Whole: some schedulers print a model of the drive there, in several lines.
  for (const auto& [name, value] : read_folder(sys_ / "queue/iosched")) {
    auto text = base::read_file(sys_ / "queue/iosched" / name, kSysLimit);
    while (text && text->ends_with('\n')) text->pop_back();
    out.emplace("iosched/" + name, text ? std::move(*text) : value);
  }
  return out;
}

Status QueueSettings::restore() {
  // The scheduler first: changing it sets nr_requests.
  if (base::selected(read_sys(sys_ / "queue/scheduler")) != scheduler_)
    KAIRO_CHECK(write_sys(sys_ / "queue/scheduler", scheduler_));
  Status out;
  const auto put_back = [&](const fs::path& folder, const reports::TextMap& values) {
    for (const auto& [name, value] : values) {
      if (read_sys(folder / name) == value) continue;
      if (auto set = write_sys(folder / name, value); !set && out) out = std::move(set);
    }
  };
  put_back(sys_ / "queue/iosched", iosched_);
  put_back(sys_ / "queue", queue_);
  put_back(sys_, touched_);
  return out;
}

}  // namespace kairo::experiments
