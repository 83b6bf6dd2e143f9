// SPDX-License-Identifier: GPL-2.0-only
#include "device_layers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "kairo/base/text.h"
#include "kairo/base/units.h"
#include "sysfs_file.h"

namespace kairo::inspect {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> entries(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(folder, status))
    out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

// A path of an NVMe multipath drive: nvme0c1n2 is what nvme0n2 is by controller 1.
struct PathName {
  std::string drive;
  std::string controller;
};

bool is_number(std::string_view text) {
  return base::parse_u64(text).has_value();
}

std::optional<PathName> parse_path_name(const std::string& name) {
  const auto c = name.find('c');
  const auto n = name.rfind('n');
  if (!name.starts_with("nvme") || c == std::string::npos || n == std::string::npos || n < c ||
      !is_number(name.substr(4, c - 4)) || !is_number(name.substr(c + 1, n - c - 1)) ||
      !is_number(name.substr(n + 1)))
    return std::nullopt;
  return PathName{name.substr(0, c) + name.substr(n), name.substr(c + 1, n - c - 1)};
}

// Paths by their names, which kernels before 6.15 give no other sign of, and by the folder since.
std::vector<std::string> paths_of(const fs::path& sysfs, const std::string& drive) {
  std::set<std::string> out;
  for (const std::string& name : entries(sysfs / "block"))
    if (const auto path = parse_path_name(name); path && path->drive == drive) out.insert(name);
  for (const std::string& name : entries(sysfs / "block" / drive / "multipath"))
    if (parse_path_name(name)) out.insert(name);
  return {out.begin(), out.end()};
}

// The disk of a member, which may be a partition.
std::string disk_of(const fs::path& sysfs, const std::string& member) {
  std::error_code status;
  if (fs::exists(sysfs / "block" / member, status)) return member;
  for (const std::string& disk : entries(sysfs / "block"))
    if (fs::exists(sysfs / "block" / disk / member, status)) return disk;
  return member;
}

std::vector<std::string> lower_of(const fs::path& sysfs, const std::string& name) {
  std::vector<std::string> out;
  for (const std::string& member : entries(sysfs / "block" / name / "slaves"))
    out.push_back(disk_of(sysfs, member));
  for (const std::string& path : paths_of(sysfs, name)) out.push_back(path);
  return out;
}

// Down to those that schedule, or have nothing below. Each once, though a drive may be a member
// twice, and a captured tree may be made up.
void add_lowest(const fs::path& sysfs, const std::string& name, std::set<std::string>& seen,
                std::vector<std::string>& out) {
  for (const std::string& lower : lower_of(sysfs, name)) {
    if (!seen.insert(lower).second) continue;
    const auto line = read_sysfs_line(sysfs / "block" / lower / "queue/scheduler");
    const std::size_t before = out.size();
    if (!line || !offers_choice(*line)) add_lowest(sysfs, lower, seen, out);
    if (out.size() == before) out.push_back(lower);
  }
}

// "device mapper", "md raid0"
std::string own_kind(const fs::path& block) {
  if (const auto table = read_sysfs_line(block / "dm/name"))
    return fmt::format("device mapper {}", *table);
  if (const auto level = read_sysfs_line(block / "md/level")) return fmt::format("md {}", *level);
  return {};
}

// A request-based device mapper (multipath of SCSI) gives its requests to the paths ready made.
std::string scheduling_holder(const fs::path& sysfs, const std::string& name) {
  for (const std::string& holder : entries(sysfs / "block" / name / "holders")) {
    const auto line = read_sysfs_line(sysfs / "block" / holder / "queue/scheduler");
    if (line && offers_choice(*line)) return holder;
  }
  return {};
}

}  // namespace

Layers read_layers(const fs::path& sysfs, const std::string& name) {
  const fs::path block = sysfs / "block" / name;
  Layers out;
  out.scheduled_by = scheduling_holder(sysfs, name);
  if (const auto path = parse_path_name(name)) {
    out.multipath_drive = path->drive;
    out.kind = fmt::format("a hidden path of the multipath drive {}, by controller {}", path->drive,
                           path->controller);
    return out;
  }
  const auto line = read_sysfs_line(block / "queue/scheduler");
  std::set<std::string> seen = {name};
  if (!line || !offers_choice(*line)) add_lowest(sysfs, name, seen, out.below);
  out.kind = own_kind(block);
  if (const auto paths = paths_of(sysfs, name); !paths.empty())
    out.kind = fmt::format("a multipath drive, by {}", fmt::join(paths, ", "));
  else if (!out.below.empty())
    out.kind = fmt::format("{}, on {}", out.kind.empty() ? "a device above others" : out.kind,
                           fmt::join(out.below, ", "));
  return out;
}

}  // namespace kairo::inspect
