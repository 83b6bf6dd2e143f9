// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/device_guard.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "device_mounts.h"
#include "kairo/base/files.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::base {

namespace fs = std::filesystem;
using Kind = DeviceUse::Kind;

namespace {

constexpr std::uint64_t kSysLimit = 1 << 16;
// Another job that looks at the same drive holds it for microseconds.
constexpr int kExclusiveTries = 20;
constexpr std::chrono::milliseconds kExclusivePause{5};

// A drive that shares sectors with the one that is asked about.
struct Part {
  BlockDevice device;
  std::string role;  // "" of the drive itself, else "its partition sda1 is "
};

std::string first_line(const fs::path& file) {
  const auto text = read_file(file, kSysLimit);
  return text ? std::string(trim(text->substr(0, text->find('\n')))) : std::string();
}

tl::unexpected<Error> unreadable(const fs::path& path, std::string_view why) {
  return bad_input("{}: {}, so who uses the drive is unknown", path.string(), why);
}

// From its folder in sysfs.
Result<BlockDevice> device_in(const fs::path& folder) {
  const std::string number = first_line(folder / "dev");
  const auto colon = number.find(':');
  const auto major = parse_u64(std::string_view(number).substr(0, colon));
  const auto minor = colon == std::string::npos
                         ? std::nullopt
                         : parse_u64(std::string_view(number).substr(colon + 1));
  if (!major || !minor) return unreadable(folder / "dev", "holds no device number");
  const std::string name = folder.filename().string();
  return BlockDevice{"/dev/" + name,
                     name,
                     makedev(static_cast<unsigned>(*major), static_cast<unsigned>(*minor)),
                     folder,
                     {}};
}

Result<std::vector<fs::path>> entries(const fs::path& folder) {
  std::error_code status;
  std::vector<fs::path> out;
  for (fs::directory_iterator at(folder, status), end; !status && at != end; at.increment(status))
    out.push_back(at->path());
  if (status) return unreadable(folder, status.message());
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::vector<fs::path>> partitions(const BlockDevice& device) {
  auto out = entries(device.sys);
  std::error_code ignored;
  if (out)
    std::erase_if(*out,
                  [&](const fs::path& child) { return !fs::exists(child / "partition", ignored); });
  return out;
}

// What shares sectors with a drive: itself, and its partitions or the drive it is a partition of.
Result<std::vector<Part>> parts_of(const BlockDevice& device, const std::string& prefix) {
  std::vector<Part> out = {{device, prefix.empty() ? "" : prefix + "is "}};
  if (!device.disk.empty()) {
    KAIRO_TRY(auto disk, device_in(device.disk));
    const std::string role = fmt::format("{}on {}, which is ", prefix, disk.name);
    out.push_back({std::move(disk), role});
    return out;
  }
  KAIRO_TRY(const auto children, partitions(device));
  for (const fs::path& child : children) {
    KAIRO_TRY(auto partition, device_in(child));
    const std::string role =
        fmt::format("{}partition {} is ", prefix.empty() ? "its " : prefix, partition.name);
    out.push_back({std::move(partition), role});
  }
  return out;
}

bool is_device(const std::string& path, const BlockDevice& device) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0)
    return S_ISBLK(found.st_mode) && found.st_rdev == device.number;
  return path == "/dev/" + device.name;
}

// "dm-3 (LVM volume vg-data)".
std::string holder_name(const fs::path& block, const std::string& name) {
  const std::string title = first_line(block / name / "dm/name");
  const std::string uuid = first_line(block / name / "dm/uuid");
  if (title.empty()) return name.starts_with("md") ? name + " (md RAID)" : name;
  const char* const kind = uuid.starts_with("mpath-")   ? "multipath drive"
                           : uuid.starts_with("LVM-")   ? "LVM volume"
                           : uuid.starts_with("CRYPT-") ? "encrypted volume"
                                                        : "device-mapper";
  return fmt::format("{} ({} {})", name, kind, title);
}

bool same_file(const fs::path& one, const fs::path& other) {
  struct stat a {};
  struct stat b {};
  if (::stat(one.c_str(), &a) != 0 || ::stat(other.c_str(), &b) != 0) return one == other;
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Loop devices on `file`, but not `except`.
Result<std::vector<std::string>> loops_on(const fs::path& file, const std::string& except,
                                          const SystemPaths& system) {
  KAIRO_TRY(const auto all, entries(system.sys / "block"));
  std::vector<std::string> out;
  for (const fs::path& entry : all) {
    const std::string name = entry.filename().string();
    if (!name.starts_with("loop") || name == except) continue;
    const std::string backing = first_line(entry / "loop/backing_file");
    if (!backing.empty() && same_file(backing, file)) out.push_back(name);
  }
  return out;
}

// A loop device stands on a file or another drive.
Status add_loop(const BlockDevice& device, const SystemPaths& system, std::vector<Part>& parts,
                std::vector<DeviceUse>& uses) {
  const std::string backing = first_line(device.sys / "loop/backing_file");
  if (backing.empty()) return {};
  KAIRO_TRY(const auto loops, loops_on(backing, device.name, system));
  for (const std::string& loop : loops)
    uses.push_back({Kind::kHeld, fmt::format("a window on {}, as {} is", backing, loop)});
  struct stat found {};
  if (::stat(backing.c_str(), &found) != 0 || !S_ISBLK(found.st_mode)) return {};
  KAIRO_TRY(const auto below, block_device_of(found.st_rdev, backing, system));
  KAIRO_TRY(auto more, parts_of(below, fmt::format("a window on {}, whose ", below.name)));
  more.front().role = fmt::format("a window on {}, which is ", below.name);
  parts.insert(parts.end(), more.begin(), more.end());
  return {};
}

Status add_holders(const Part& part, const SystemPaths& system, std::vector<DeviceUse>& uses) {
  KAIRO_TRY(const auto holders, entries(part.device.sys / "holders"));
  for (const fs::path& holder : holders)
    uses.push_back(
        {Kind::kHeld, fmt::format("{}held by {}", part.role,
                                  holder_name(system.sys / "block", holder.filename().string()))});
  return {};
}

}  // namespace

Result<std::vector<DeviceUse>> listed_uses(const BlockDevice& device, const SystemPaths& system) {
  KAIRO_TRY(const auto mounts, read_mounts(system));
  KAIRO_TRY(const auto swaps, read_swaps(system));
  KAIRO_TRY(auto parts, parts_of(device, ""));
  std::vector<DeviceUse> uses;
  KAIRO_CHECK(add_loop(device, system, parts, uses));
  for (const Part& part : parts) {
    for (const Mount& mount : mounts)
      // File systems over several drives have a number of their own: the source names one of these.
      if (mount.number == part.device.number || is_device(mount.source, part.device))
        uses.push_back({Kind::kMounted, fmt::format("{}mounted on {}", part.role, mount.where)});
    for (const std::string& swap : swaps)
      if (is_device(swap, part.device)) uses.push_back({Kind::kSwap, part.role + "in use as swap"});
    KAIRO_CHECK(add_holders(part, system, uses));
  }
  if (const auto children = partitions(device); children && !children->empty()) {
    std::string names;
    for (const fs::path& child : *children)
      names += (names.empty() ? "" : ", ") + child.filename().string();
    uses.push_back({Kind::kPartition, fmt::format("partitioned ({})", names)});
  }
  std::stable_sort(uses.begin(), uses.end(),
                   [](const DeviceUse& a, const DeviceUse& b) { return a.kind < b.kind; });
  return uses;
}

Result<std::vector<DeviceUse>> exclusive_uses(const std::string& path) {
  for (int i = 0; i < kExclusiveTries; ++i) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0) {
      ::close(descriptor);
      return std::vector<DeviceUse>{};
    }
    if (errno != EBUSY)
      return bad_input("{}: cannot be opened: {}, so who uses it is unknown", path,
                       std::strerror(errno));
    std::this_thread::sleep_for(kExclusivePause);
  }
  return std::vector<DeviceUse>{
      {Kind::kHeld,
       "held exclusively by the kernel (mounted where it cannot be seen from here, or a part of a "
       "RAID, a volume or swap)"}};
}

Result<std::vector<DeviceUse>> device_uses(const BlockDevice& device, const SystemPaths& system) {
  auto out = listed_uses(device, system);
  if (!out) return out;
  if (out->empty()) out = exclusive_uses(device.path);
  if (!out) return out;
  auto content = content_uses(device.path);
  if (!content) return content;
  out->insert(out->end(), content->begin(), content->end());
  return out;
}

Result<std::vector<DeviceUse>> file_uses(const fs::path& file, const SystemPaths& system) {
  KAIRO_TRY(const auto loops, loops_on(file, "", system));
  std::vector<DeviceUse> out;
  for (const std::string& loop : loops)
    out.push_back({Kind::kHeld, fmt::format("what {} reads and writes", loop)});
  return out;
}

std::string describe(const std::vector<DeviceUse>& uses) {
  std::string out;
  for (const DeviceUse& use : uses)
    out += fmt::format("{}{}{}", out.empty() ? "" : "; ",
                       use.kind == Kind::kContent ? "holds " : "", use.what);
  return out;
}

}  // namespace kairo::base
