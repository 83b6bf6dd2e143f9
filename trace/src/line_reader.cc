// SPDX-License-Identifier: GPL-2.0-only
#include "line_reader.h"

#include <algorithm>

namespace kairo::trace {

using base::Result;

namespace {

constexpr std::size_t kPeek = 512;
constexpr std::size_t kBuffer = 65536;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

// Replaces the buffer, which is used up; false at the end.
Result<bool> LineReader::fill() {
  buffer_.resize(kBuffer);
  at_ = 0;
  const auto got = source_->read(buffer_.data(), buffer_.size());
  buffer_.resize(got ? *got : 0);
  if (!got) return base::fail(got.error());
  return *got > 0;
}

Result<std::string_view> LineReader::peek() {
  if (at_ == buffer_.size()) KAIRO_CHECK(fill());
  return std::string_view(buffer_).substr(at_, kPeek);
}

Result<bool> LineReader::next() {
  line_.clear();
  terminated_ = false;
  ++number_;
  while (!terminated_) {
    if (at_ == buffer_.size()) {
      KAIRO_TRY(const auto more, fill());
      if (!more) break;
    }
    const std::size_t end = buffer_.find('\n', at_);
    terminated_ = end != std::string::npos;
    line_.append(buffer_, at_, std::min(end, buffer_.size()) - at_);
    at_ = terminated_ ? end + 1 : buffer_.size();
    if (line_.size() > kMaxLine)
      return base::bad_input("the line is longer than {} bytes (is this a trace?)", kMaxLine);
  }
  const bool any = terminated_ || !line_.empty();
  if (line_.ends_with('\r')) line_.pop_back();
  if (number_ == 1 && line_.starts_with(kByteOrderMark)) line_.erase(0, kByteOrderMark.size());
  return any;
}

}  // namespace kairo::trace
