// SPDX-License-Identifier: GPL-2.0-only
// A block device of this machine as the thing under test: refused while anybody uses it, and left
// as it was found.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "kairo/base/result.h"
#include "kairo/reports/result_folder.h"

namespace kairo::experiments {

struct HostDevice {
  std::string path;           // /dev/nvme1n1
  std::string name;           // nvme1n1
  std::filesystem::path sys;  // its folder in /sys
  std::uint64_t bytes = 0;
  reports::TextMap facts;  // size_bytes, model, rotational ...; no serial number
};

// Accepts a whole block device, by whatever name, that can be written, that nobody uses and that
// holds nothing. Refused, each with the reason and what to do: what is no block device, a
// partition, a read-only or empty one, whatever base::device_uses() names, and one of which that is
// unknown.
base::Result<HostDevice> open_host_device(const std::string& path);

// Refuses unless `confirmed` names the same device: what is on it will be overwritten.
base::Status confirm_host_device(const HostDevice& device, const std::string& confirmed);

// The queue's settings as found, put back by restore() and when the object goes away. One per run
// of the program: settings that the queue does not have are no settings.
class QueueSettings {
 public:
  static base::Result<QueueSettings> save(const HostDevice& device);
  QueueSettings(QueueSettings&& other) noexcept;
  QueueSettings& operator=(QueueSettings&&) = delete;
  QueueSettings(const QueueSettings&) = delete;
  QueueSettings& operator=(const QueueSettings&) = delete;
  ~QueueSettings();

  // Makes the queue what an arm asks for, from the found state on. Errors are kUnavailable: this
  // kernel has no such scheduler, or the scheduler no such tunable or value.
  base::Status apply(const reports::Arm& arm);

  // Every setting as it is now, for tunables.txt.
  [[nodiscard]] reports::TextMap current() const;

  base::Status restore();

 private:
  explicit QueueSettings(std::filesystem::path sys) : sys_(std::move(sys)) {}
  std::filesystem::path sys_;
  std::string scheduler_;
  reports::TextMap queue_;    // writable files of queue/
  reports::TextMap iosched_;  // of queue/iosched/ under the scheduler that was found
  reports::TextMap touched_;  // other files below the device that an arm changed, as found
  bool owned_ = true;
};

}  // namespace kairo::experiments
