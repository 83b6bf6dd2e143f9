// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::experiments {

// What the flash model (`kairo_ssd`) is set to. The names are its configfs attributes and the keys
// of the [device] table of a profile file; schedulers never see them.
struct DeviceProfile {
  std::string name;  // the file's stem unless the file gives one
  std::uint64_t dies = 0;
  std::uint64_t page_kib = 0;
  std::uint64_t read_us = 0;     // one page
  std::uint64_t program_us = 0;  // one page
  std::uint64_t discard_us = 0;
  std::uint64_t tags = 0;
  std::uint64_t size_gib = 0;
  std::uint64_t max_request_kib = 128;

  // With garbage collection; off unless the file says `gc = 1`.
  std::uint64_t gc = 0;
  std::uint64_t block_pages = 64;
  std::uint64_t spare_percent = 7;
  std::uint64_t erase_us = 3000;
  std::uint64_t streams = 0;

  // What a drive does beside serving its dies in order; 0: it does not.
  std::uint64_t chunk_kib = 0;
  std::uint64_t write_buffer_kib = 0;
  std::uint64_t buffer_ack_us = 0;
  std::uint64_t buffer_blocks_queue = 0;
  std::uint64_t read_first = 0;
  std::uint64_t suspend_us = 0;
  std::uint64_t spread_percent = 0;
  std::uint64_t outlier_ppm = 0;
  std::uint64_t outlier_factor = 0;
  std::uint64_t pause_every_ms = 0;
  std::uint64_t pause_ms = 0;
  std::uint64_t slc_gib = 0;
  std::uint64_t slc_program_us = 0;
  std::uint64_t channels = 0;
  std::uint64_t channel_mb_s = 0;
  std::uint64_t link_mb_s = 0;

  // Attribute and value, in the order in which the guest writes them.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> attributes() const;

  // Open-loop rate, in I/Os per second, that asks for `share` of the device's read capacity with
  // reads of `read_bytes`: a read shorter than a page costs a whole page on its die.
  [[nodiscard]] double read_rate(double share, std::uint64_t read_bytes) const;
};

// Reads and range-checks a profile file.
base::Result<DeviceProfile> load_profile(const std::filesystem::path& file);

}  // namespace kairo::experiments
