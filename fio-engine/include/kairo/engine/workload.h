// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/hint.hpp"

// Reader of Kairo workload files (docs/workload-format.md): what a KV cache does to its drive, one
// I/O per line, in time order.
namespace kairo::engine {

// One I/O. All fields were checked against the rules of the format and the declared device size.
struct Record {
  std::uint64_t time_ns = 0;               // intended start, from the start of the workload
  std::uint64_t offset = 0;                // bytes
  std::uint32_t length = 0;                // bytes
  std::uint32_t session = 0;               // which request stream it belongs to; free numbering
  hint::Class cls = hint::Class::kNormal;  // never kNormal in a file that was accepted
};

struct Workload {
  std::uint64_t device_bytes = 0;  // the smallest device that can take it
  std::uint64_t duration_ns = 0;   // at least the time of the last record
  bool sample = false;             // true: generated to show the format, not a real trace
  std::string source;              // where it came from, in the writer's words; may be empty
  std::vector<Record> records;

  std::array<std::uint64_t, hint::kClasses> ios = {};    // records per class
  std::array<std::uint64_t, hint::kClasses> bytes = {};  // bytes per class
  // The largest record of an operation that moves data (decode, prefetch, prefill): what a
  // replayer's buffers must hold.
  std::uint32_t max_data_length = 0;
};

// Limits of the format; a file beyond them is refused.
inline constexpr std::uint32_t kBlockBytes = 4096;            // grain of offset and length
inline constexpr std::uint32_t kMaxDataBytes = 1U << 20;      // of a read or write
inline constexpr std::uint32_t kMaxEvictBytes = 1U << 30;     // of a discard
inline constexpr std::uint64_t kMaxRecords = 50'000'000;      // 1.6 GB in memory
inline constexpr std::uint64_t kMaxDeviceBytes = 1ULL << 50;  // 1 PiB
inline constexpr std::uint64_t kMaxDurationNs = 30ULL * 86400 * 1'000'000'000;  // 30 days

// Parses the text of a workload file. `name` stands in messages: `<name>:<line>: <what>
// (<remedy>)`.
base::Result<Workload> parse_workload(std::string_view text, std::string_view name);

// Reads and parses a file. A file that is missing, a directory, or larger than 4 GiB is refused.
base::Result<Workload> read_workload(const std::filesystem::path& path);

}  // namespace kairo::engine
