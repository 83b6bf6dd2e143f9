// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/trace/format.h"

// Reads published LLM request traces (docs/traces.md), plain or packed by gzip, a line at a time.
namespace kairo::trace {

// One request of a trace.
struct Request {
  std::uint64_t time_ns = 0;  // arrival, from the first request of the trace
  std::uint32_t input_tokens = 0;
  std::uint32_t output_tokens = 0;
  // The prompt's blocks in order; equal = same content behind the same prefix. Where the trace does
  // not name a block it gets an id of its own, from kFirstOwnId on.
  std::vector<std::uint64_t> blocks;
  std::optional<std::uint64_t> chat;         // names this request, in traces that do
  std::optional<std::uint64_t> parent_chat;  // the turn before it in its conversation
  bool generated = false;                    // the record says that it is not from a real system
};

// Blocks that a trace names are numbered from 0; ids from here on are made for those that it does
// not name.
inline constexpr std::uint64_t kFirstOwnId = 1ULL << 62;

// A trace with more different blocks than this is refused (import it in parts): they are kept in
// memory.
inline constexpr std::uint64_t kMaxBlocks = 1ULL << 24;

// Streaming reader. Checks each line and refuses what is malformed, truncated or out of order with
// `name:line`. Memory: one line (at most 4 MiB), one request and the ids of all blocks.
class RequestReader {
 public:
  // Reads `format`, or what the first line looks like. `block_tokens` 0: the format's.
  static base::Result<RequestReader> open(const std::filesystem::path& path,
                                          const FormatInfo* format = nullptr,
                                          std::uint32_t block_tokens = 0);
  // The same from a stream that it takes over and that can seek; `name` stands in messages.
  static base::Result<RequestReader> from_stream(std::unique_ptr<std::istream> stream,
                                                 std::string name,
                                                 const FormatInfo* format = nullptr,
                                                 std::uint32_t block_tokens = 0);
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;
  ~RequestReader();

  // The next request in time order; nothing at the end. After an Error the reader is finished.
  base::Result<std::optional<Request>> next();

  [[nodiscard]] const FormatInfo& format() const;
  [[nodiscard]] std::uint32_t block_tokens() const;
  // The ids name full blocks only, by what was read so far: a prompt's rest is a block of its own.
  [[nodiscard]] bool full_blocks_only() const;
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] std::uint64_t line() const;

 private:
  class Impl;
  explicit RequestReader(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace kairo::trace
