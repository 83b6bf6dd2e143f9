// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/base/units.h"
#include "kairo/inspect/device.h"
#include "sysfs_file.h"

namespace kairo::inspect {
namespace {

std::optional<std::uint64_t> number(const DeviceFacts& device, std::string_view group,
                                    std::string_view fact) {
  const std::string* const text = device.find(group, fact);
  if (text == nullptr) return std::nullopt;
  const auto value = base::parse_u64(*text);
  return value ? std::optional(*value) : std::nullopt;
}

void advise_scheduler(const DeviceFacts& device, std::vector<Advice>& out) {
  const std::string* const line = device.find("queue", "scheduler");
  if (line == nullptr || selected(*line) == "kairo") return;
  if (line->find("kairo") != std::string::npos)
    out.push_back({"queue/scheduler", "kairo", "decode reads first, the rest within budgets"});
  else if (selected(*line) != "mq-deadline")
    out.push_back({"queue/scheduler", "mq-deadline",
                   "this kernel has no kairo; mq-deadline serves the RT class of ioprio first"});
}

void advise_queue(const DeviceFacts& device, std::vector<Advice>& out) {
  if (number(device, "queue", "iostats") == 0U)
    out.push_back({"queue/iostats", "1",
                   "without it requests have no start time: no latencies, no budgets by feedback"});
  if (number(device, "queue", "nomerges") > 0U)
    out.push_back({"queue/nomerges", "0", "sequential prefill is sent in small requests"});
  if (const auto rotational = number(device, "device", "rotational"); rotational == 1U)
    out.push_back({"", "", "rotational: the budgets are made for flash with parallel dies"});
}

void advise_eviction(const DeviceFacts& device, std::vector<Advice>& out) {
  const std::string* const zones = device.find("zones", "model");
  if (zones != nullptr && *zones != "none") {
    out.push_back({"", "", "zoned: evict whole zones with a reset, a zone per lifetime"});
    return;
  }
  if (number(device, "queue", "discard_max_bytes") == 0U)
    out.push_back({"", "",
                   "no discard: evicted blocks stay valid for the drive's garbage "
                   "collection until they are written again"});
}

void advise_placement(const DeviceFacts& device, std::vector<Advice>& out) {
  const auto kernel = number(device, "streams", "max_write_streams");
  if (kernel > 0U) {
    out.push_back(
        {"", "", fmt::format("the kernel offers {} write streams: a lifetime each", *kernel)});
    return;
  }
  if (number(device, "fdp", "enabled") == 0U)
    out.push_back({"", "",
                   "FDP is supported and off: enable it on the endurance group, without "
                   "namespaces (nvme set-feature -f 0x1d), then make them anew"});
  else if (number(device, "fdp", "placement_handles") > 1U && !kernel)
    out.push_back(
        {"", "",
         "FDP is on, but this kernel has no write streams (6.16 or later has, and Kairo's)"});
}

}  // namespace

std::vector<Advice> advise(const DeviceFacts& device) {
  std::vector<Advice> out;
  advise_scheduler(device, out);
  advise_queue(device, out);
  advise_eviction(device, out);
  advise_placement(device, out);
  return out;
}

}  // namespace kairo::inspect
