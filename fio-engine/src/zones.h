// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "kairo/base/result.h"

namespace kairo::engine {

// Bytes of a zone; 0 when the open file is no zoned block device.
std::uint64_t zone_bytes(int fd);
std::uint64_t zone_bytes(const std::string& path);

// An eviction of `length` bytes at `offset`: their zones are empty afterwards and are written from
// the start. Waits. Errors: kInput, with the remedy, when it is not of whole zones, which are all
// that can be reset; kUnavailable with the device's words.
base::Status reset_zones(int fd, const std::string& path, std::uint64_t offset,
                         std::uint64_t length);

}  // namespace kairo::engine
