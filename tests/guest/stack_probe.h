// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kairo::testing {

// Devices on devices, by the ioctls of their drivers. Each returns the path of the new one;
// whatever fails ends the program.

// A mapped device of one target over `sectors` sectors.
std::string make_mapped(const std::string& name, std::uint64_t sectors, const std::string& target,
                        const std::string& parameters);
// An array without superblocks: level 0 with chunks of 64 KiB, or 1, in sync from the beginning.
std::string make_array(int level, const std::vector<std::string>& devices);
// A loop device with direct I/O to `backing`.
std::string make_loop(const std::string& backing, unsigned block_bytes);

}  // namespace kairo::testing
