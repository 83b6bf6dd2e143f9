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
  std::string setting;  // "queue/scheduler"; empty when there is nothing to set
  std::string value;
  std::string reason;
};

struct DeviceFacts {
  std::string name;  // "nvme0n1"
  bool is_nvme = false;
  std::vector<Fact> facts = {};
  // nullptr when there is no such fact, or it has no value.
  [[nodiscard]] const std::string* find(std::string_view group, std::string_view fact) const;
};

// What sysfs says of the block device `name` ("nvme0n1" or "/dev/nvme0n1"). `sysfs` is "/sys" or a
// captured tree. Errors: kInput for a partition, a character device or an unknown name, each with
// what to give instead.
base::Result<DeviceFacts> read_sysfs_facts(const std::filesystem::path& sysfs,
                                           std::string_view name);

// Adds what an NVMe drive itself says, by libnvme: controller, streams directive, flexible data
// placement. Errors: kUnavailable when the node cannot be opened (be root); a command that the
// drive refuses leaves its facts without value.
base::Status add_nvme_facts(DeviceFacts& device, const std::filesystem::path& node);

// Rules over the facts (docs/inspect.md); empty when nothing is to be done.
std::vector<Advice> advise(const DeviceFacts& device);

std::string to_text(const DeviceFacts& device, const std::vector<Advice>& advice);
std::string to_json_text(const DeviceFacts& device, const std::vector<Advice>& advice);

}  // namespace kairo::inspect
