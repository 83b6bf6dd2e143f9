// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::inspect {

// Something a device or its driver says of itself. Absent: this kernel or device does not say it.
struct Fact {
  std::string group;  // "device", "queue", "zones", "streams", "fdp"
  std::string name;   // "max_sectors_kb"; as in sysfs where it is from there
  std::optional<std::string> value;
  std::string unit;  // empty: none
};

// What to set, or do, for KV-cache I/O.
struct Advice {
  std::string device;   // below /sys/block: the inspected one, or one that its I/O goes to
  std::string setting;  // "queue/scheduler"; empty when there is nothing to set
  std::string value;
  std::string reason;
};

struct DeviceFacts {
  std::string name;  // "nvme0n1"
  bool is_nvme = false;
  std::vector<Fact> facts = {};
  std::string kind = {};  // what it is when not a drive by itself: "md raid0, on nvme1n1"
  // Set for a hidden path: the drive that I/O is given to, which can be opened.
  std::string multipath_drive = {};
  // Set when requests come ready from a device above, past this one's scheduler.
  std::string scheduled_by = {};
  // The devices whose queues its I/O ends in, when not its own: paths, members.
  std::vector<DeviceFacts> below = {};
  // nullptr when there is no such fact, or it has no value.
  [[nodiscard]] const std::string* find(std::string_view group, std::string_view fact) const;
};

// What sysfs says of the block device `device`: its name, or on this machine any path that leads to
// it (/dev/disk/by-id/...). `sysfs` is "/sys" or a captured tree. Errors: kInput for a partition, a
// character device or an unknown name, each with what to give instead.
base::Result<DeviceFacts> read_sysfs_facts(const std::filesystem::path& sysfs,
                                           std::string_view device);

// Adds what an NVMe drive itself says, by libnvme: controller, streams directive, flexible data
// placement. Errors: kUnavailable when the node cannot be opened (be root); a command that the
// drive refuses leaves its facts without value.
base::Status add_nvme_facts(DeviceFacts& device, const std::filesystem::path& node);

// Rules over the facts (docs/inspect.md); empty when nothing is to be done. Only what the devices
// offer is recommended.
std::vector<Advice> advise(const DeviceFacts& device);

std::string to_text(const DeviceFacts& device, const std::vector<Advice>& advice);
std::string to_json_text(const DeviceFacts& device, const std::vector<Advice>& advice);

}  // namespace kairo::inspect
