// SPDX-License-Identifier: GPL-2.0-only
#include "device_name.h"

#include <vector>

#include "kairo/base/block_device.h"
#include "kairo/base/short_names.h"
#include "kairo/base/suggest.h"
#include "sysfs_file.h"

namespace kairo::inspect {

namespace {

// One that stays in its directory.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

bool is_disk(const fs::path& sysfs, std::string_view name) {
  std::error_code status;
  return is_plain_name(name) && fs::exists(sysfs / "block" / name / "queue", status);
}

std::vector<std::string> disks(const fs::path& sysfs) {
  std::vector<std::string> out;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(sysfs / "block", status))
    out.push_back(entry.path().filename().string());
  return out;
}

// "vg0-kv" -> "dm-0"; empty when no table has this name.
std::string mapped_device(const fs::path& sysfs, std::string_view name) {
  for (const std::string& disk : disks(sysfs))
    if (read_sysfs_line(sysfs / "block" / disk / "dm/name") == name) return disk;
  return {};
}

// What somebody probably meant.
std::string not_a_disk(const fs::path& sysfs, std::string_view name) {
  const std::string near =
      is_plain_name(name) ? base::did_you_mean(name, disks(sysfs)) : std::string();
  const std::string unknown = fmt::format("'{}' is not a block device here{} (see ls {})", name,
                                          near, (sysfs / "block").string());
  if (!is_plain_name(name)) return unknown;
  std::error_code status;
  const fs::path by_class = sysfs / "class/block" / name;
  if (fs::exists(by_class / "partition", status)) {
    const fs::path disk = fs::canonical(by_class, status).parent_path().filename();
    return fmt::format("{} is a partition (give the disk: {})", name, disk.string());
  }
  if (fs::exists(sysfs / "class/nvme" / name, status))
    return fmt::format("{} is a controller (give a namespace: {}n1)", name, name);
  return unknown;
}

}  // namespace

Result<std::string> block_name(const fs::path& sysfs, std::string_view text) {
  std::string name(text);
  const bool is_path = text.find('/') != std::string_view::npos;
  if (is_path && sysfs == "/sys") {
    if (const auto found = base::find_block_device(name)) name = found->name;
  }
  // A hidden path of a drive has no file in /dev, and a captured tree none at all.
  for (const std::string_view prefix : {"/dev/mapper/", "/dev/"})
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
  if (is_disk(sysfs, name)) return name;
  if (is_plain_name(name))
    if (std::string mapped = mapped_device(sysfs, name); !mapped.empty()) return mapped;
  if (is_path && sysfs != "/sys" && name.find('/') != std::string::npos)
    return bad_input(
        "'{}' is not a block device here: a copy of /sys has no links of /dev (see ls {})", text,
        (sysfs / "block").string());
  return bad_input("{}", not_a_disk(sysfs, name));
}

}  // namespace kairo::inspect
