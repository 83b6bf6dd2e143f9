// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

// Readers of published LLM request traces (docs/traces.md), one line at a time.
namespace kairo::trace {

enum class Format : std::uint8_t { kMooncake, kAzure };

std::string_view format_name(Format format);  // "mooncake", "azure"

// One request of a trace.
struct Request {
  std::uint64_t time_ns = 0;  // arrival, from the first request of the trace
  std::uint32_t input_tokens = 0;
  std::uint32_t output_tokens = 0;
  // Identities of the prompt's blocks in order; equal id = same content and same prefix. Azure
  // traces do not tell: every block gets an id of its own.
  std::vector<std::uint64_t> blocks;
  bool generated = false;  // the record says that it is not from a real system
};

// Ids from this one on are made here, for blocks that a trace does not name. A trace that uses one
// is refused.
inline constexpr std::uint64_t kFirstOwnId = 1ULL << 62;

// Streaming reader. Checks each line and refuses what is malformed, truncated or out of order with
// `name:line`. Memory: one line (at most 4 MiB) and one request.
class RequestReader {
 public:
  // Reads `format`, or what the first line looks like.
  static base::Result<RequestReader> open(const std::filesystem::path& path,
                                          std::optional<Format> format,
                                          std::uint32_t block_tokens = 512);
  // The same from a stream that it takes over; `name` stands in messages.
  static base::Result<RequestReader> from_stream(std::unique_ptr<std::istream> stream,
                                                 std::string name, std::optional<Format> format,
                                                 std::uint32_t block_tokens = 512);

  // The next request in time order; nothing at the end. After an Error the reader is finished.
  base::Result<std::optional<Request>> next();

  [[nodiscard]] Format format() const { return format_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t line() const { return line_number_; }

 private:
  RequestReader(std::unique_ptr<std::istream> stream, std::string name, std::uint32_t block_tokens)
      : stream_(std::move(stream)), name_(std::move(name)), block_tokens_(block_tokens) {}

  base::Status detect(std::optional<Format> asked);
  base::Result<bool> read_line();
  base::Result<Request> parse_mooncake();
  base::Result<Request> parse_azure();
  base::Result<std::uint64_t> azure_time(std::string_view text) const;
  base::Error wrong(std::string message) const;
  base::Status check_tokens(std::uint64_t value, std::string_view field) const;

  std::unique_ptr<std::istream> stream_;
  std::string name_;
  std::uint32_t block_tokens_;
  Format format_ = Format::kMooncake;
  std::string line_;
  std::uint64_t line_number_ = 0;
  bool held_ = false;        // line_ was read by detect() and not used yet
  bool terminated_ = false;  // line_ had its line end
  std::optional<std::uint64_t> first_time_;
  std::uint64_t last_time_ = 0;
  std::uint64_t own_ids_ = 0;
};

}  // namespace kairo::trace
