// SPDX-License-Identifier: GPL-2.0-only
#include "device_layers.h"
#include "device_name.h"
#include "kairo/inspect/device.h"
#include "sysfs_file.h"

namespace kairo::inspect {

namespace fs = std::filesystem;
using base::Result;

namespace {

struct SysfsFact {
  const char* group;
  const char* name;
  const char* file;  // below /sys/block/NAME
  const char* unit;
};

constexpr SysfsFact kFacts[] = {
    {"device", "model", "device/model", ""},
    {"device", "serial", "device/serial", ""},
    {"device", "firmware", "device/firmware_rev", ""},
    {"device", "size", "size", "sectors of 512 B"},
    {"device", "read_only", "ro", ""},
    {"device", "rotational", "queue/rotational", ""},
    {"device", "write_cache", "queue/write_cache", ""},
    {"queue", "scheduler", "queue/scheduler", ""},
    {"queue", "nr_requests", "queue/nr_requests", "requests"},
    {"queue", "logical_block_size", "queue/logical_block_size", "B"},
    {"queue", "physical_block_size", "queue/physical_block_size", "B"},
    {"queue", "minimum_io_size", "queue/minimum_io_size", "B"},
    {"queue", "optimal_io_size", "queue/optimal_io_size", "B"},
    {"queue", "max_sectors_kb", "queue/max_sectors_kb", "KiB"},
    {"queue", "max_hw_sectors_kb", "queue/max_hw_sectors_kb", "KiB"},
    {"queue", "max_segments", "queue/max_segments", "segments"},
    {"queue", "discard_granularity", "queue/discard_granularity", "B"},
    {"queue", "discard_max_bytes", "queue/discard_max_bytes", "B"},
    {"queue", "write_zeroes_max_bytes", "queue/write_zeroes_max_bytes", "B"},
    {"queue", "nomerges", "queue/nomerges", ""},
    {"queue", "rq_affinity", "queue/rq_affinity", ""},
    {"queue", "iostats", "queue/iostats", ""},
    {"queue", "io_poll", "queue/io_poll", ""},
    {"zones", "model", "queue/zoned", ""},
    {"zones", "zones", "queue/nr_zones", "zones"},
    {"zones", "zone_size", "queue/chunk_sectors", "sectors of 512 B"},
    {"zones", "max_open_zones", "queue/max_open_zones", "zones"},
    {"zones", "max_active_zones", "queue/max_active_zones", "zones"},
    {"zones", "zone_append_max_bytes", "queue/zone_append_max_bytes", "B"},
    // since 6.16
    {"streams", "max_write_streams", "queue/max_write_streams", "streams"},
    {"streams", "write_stream_granularity", "queue/write_stream_granularity", "B"},
};

// Hardware queues, and the commands that each of them accepts.
void add_hardware_queues(const fs::path& block, DeviceFacts& device) {
  std::error_code status;
  std::size_t queues = 0;
  for (const auto& entry : fs::directory_iterator(block / "mq", status))
    queues += entry.is_directory(status) ? 1U : 0U;
  device.facts.push_back({"queue", "hardware_queues",
                          queues == 0 ? std::nullopt : std::optional(std::to_string(queues)),
                          "queues"});
  device.facts.push_back(
      {"queue", "tags", read_sysfs_line(block / "mq/0/nr_tags"), "commands per queue"});
}

DeviceFacts read_facts(const fs::path& sysfs, const std::string& name) {
  const fs::path block = sysfs / "block" / name;
  DeviceFacts out;
  out.name = name;
  out.is_nvme = name.starts_with("nvme");
  for (const SysfsFact& fact : kFacts)
    out.facts.push_back({fact.group, fact.name, read_sysfs_line(block / fact.file), fact.unit});
  add_hardware_queues(block, out);
  return out;
}

}  // namespace

const std::string* DeviceFacts::find(std::string_view group, std::string_view fact) const {
  for (const Fact& one : facts)
    if (one.group == group && one.name == fact && one.value) return &*one.value;
  return nullptr;
}

Result<DeviceFacts> read_sysfs_facts(const fs::path& sysfs, std::string_view device) {
  KAIRO_TRY(const auto name, block_name(sysfs, device));
  DeviceFacts out = read_facts(sysfs, name);
  Layers layers = read_layers(sysfs, name);
  out.kind = std::move(layers.kind);
  out.multipath_drive = std::move(layers.multipath_drive);
  out.scheduled_by = std::move(layers.scheduled_by);
  for (const std::string& lower : layers.below) out.below.push_back(read_facts(sysfs, lower));
  return out;
}

}  // namespace kairo::inspect
