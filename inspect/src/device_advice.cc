// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "kairo/base/text.h"
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

bool offers(const std::string& line, std::string_view scheduler) {
  const std::vector<std::string> names = offered(line);
  return std::find(names.begin(), names.end(), scheduler) != names.end();
}

void advise_scheduler(const DeviceFacts& device, std::vector<Advice>& out) {
  const std::string* const line = device.find("queue", "scheduler");
  if (line == nullptr || base::selected(*line) == "kairo") return;
  const auto set = [&](const char* scheduler, const char* reason) {
    out.push_back({device.name, "queue/scheduler", scheduler, reason});
  };
  const auto say = [&](std::string text) { out.push_back({device.name, "", "", std::move(text)}); };
  if (!device.scheduled_by.empty())
    say(fmt::format("{0} gives it requests past its scheduler (kairo device inspect {0})",
                    device.scheduled_by));
  else if (offers(*line, "kairo"))
    set("kairo", "decode reads first, the rest within budgets");
  else if (base::selected(*line) == "mq-deadline")
    return;
  else if (offers(*line, "mq-deadline"))
    set("mq-deadline", "this kernel has no kairo; mq-deadline serves the RT class of ioprio first");
  else if (*line == "none")
    say("no scheduler: its driver takes I/O as it comes");
  else
    say(
        fmt::format("neither kairo nor mq-deadline is offered, only {} (is one a module? modprobe "
                    "mq-deadline)",
                    *line));
}

void advise_queue(const DeviceFacts& device, std::vector<Advice>& out) {
  if (number(device, "queue", "iostats") == 0U)
    out.push_back({device.name, "queue/iostats", "1",
                   "without it requests have no start time: no latencies, no budgets by feedback"});
  if (number(device, "queue", "nomerges") > 0U)
    out.push_back(
        {device.name, "queue/nomerges", "0", "sequential prefill is sent in small requests"});
}

void advise_kind(const DeviceFacts& device, std::vector<Advice>& out) {
  if (!device.multipath_drive.empty())
    out.push_back({device.name, "", "",
                   fmt::format("I/O is given to {0}; each of its paths has settings of its own "
                               "(kairo device inspect {0})",
                               device.multipath_drive)});
  if (number(device, "device", "rotational") == 1U)
    out.push_back(
        {device.name, "", "", "rotational: the budgets are made for flash with parallel dies"});
}

void advise_eviction(const DeviceFacts& device, std::vector<Advice>& out) {
  const std::string* const zones = device.find("zones", "model");
  if (zones != nullptr && *zones != "none") {
    out.push_back(
        {device.name, "", "", "zoned: evict whole zones with a reset, a zone per lifetime"});
    return;
  }
  if (number(device, "queue", "discard_max_bytes") == 0U)
    out.push_back({device.name, "", "",
                   "no discard: evicted blocks stay valid for the drive's garbage "
                   "collection until they are written again"});
}

void advise_placement(const DeviceFacts& device, std::vector<Advice>& out) {
  const auto kernel = number(device, "streams", "max_write_streams");
  if (kernel > 0U) {
    out.push_back({device.name, "", "",
                   fmt::format("the kernel offers {} write streams: a lifetime each", *kernel)});
    return;
  }
  if (number(device, "fdp", "enabled") == 0U)
    out.push_back({device.name, "", "",
                   "FDP is supported and off: enable it on the endurance group, without "
                   "namespaces (nvme set-feature -f 0x1d), then make them anew"});
  else if (number(device, "fdp", "placement_handles") > 1U && !kernel)
    out.push_back(
        {device.name, "", "",
         "FDP is on, but this kernel has no write streams (6.16 or later has, and Kairo's)"});
}

}  // namespace

std::vector<Advice> advise(const DeviceFacts& device) {
  std::vector<Advice> out;
  if (device.below.empty()) {
    advise_scheduler(device, out);
    advise_queue(device, out);
  }
  for (const DeviceFacts& lower : device.below) {
    advise_scheduler(lower, out);
    advise_queue(lower, out);
  }
  advise_kind(device, out);
  advise_eviction(device, out);
  advise_placement(device, out);
  return out;
}

}  // namespace kairo::inspect
