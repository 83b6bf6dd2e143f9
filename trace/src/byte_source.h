// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>

#include "kairo/base/result.h"

namespace kairo::trace {

// More than this is not inflated: a few bytes of gzip can stand for any number.
inline constexpr std::uint64_t kMaxInflated = 1ULL << 34;

// The bytes of a trace.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to `size` bytes, 0 at the end. Messages do not name the file.
  virtual base::Result<std::size_t> read(char* to, std::size_t size) = 0;
};

// The bytes of a stream that can seek, or what they are before gzip packed them, at most
// `max_inflated` bytes.
std::unique_ptr<ByteSource> open_source(std::unique_ptr<std::istream> stream,
                                        std::uint64_t max_inflated = kMaxInflated);

}  // namespace kairo::trace
