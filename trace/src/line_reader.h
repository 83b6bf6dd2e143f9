// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "byte_source.h"
#include "kairo/base/result.h"

namespace kairo::trace {

inline constexpr std::size_t kMaxLine = 4U << 20;

// Lines of a text, one at a time, of at most kMaxLine bytes: a file without line ends must not fill
// the memory.
class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // Up to 512 of the bytes that come next.
  base::Result<std::string_view> peek();
  // Reads the next line; false at the end of the text.
  base::Result<bool> next();

  [[nodiscard]] const std::string& line() const { return line_; }  // without its end
  [[nodiscard]] std::uint64_t number() const { return number_; }   // from 1 on
  // Whether the line had an end; the last one of a text that was cut off has none.
  [[nodiscard]] bool terminated() const { return terminated_; }

 private:
  base::Result<bool> fill();

  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  std::size_t at_ = 0;  // what is before it in buffer_ is used up
  std::string line_;
  std::uint64_t number_ = 0;
  bool terminated_ = false;
};

}  // namespace kairo::trace
