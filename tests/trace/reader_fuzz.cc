// SPDX-License-Identifier: GPL-2.0-only
// Whatever the bytes, the readers answer with requests in order or with an error that has a line.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>

#include "kairo/trace/reader.h"

namespace {

void must(bool condition) {
  if (!condition) std::abort();
}

void read_all(const std::string& text, const kairo::trace::FormatInfo* format) {
  using kairo::trace::RequestReader;
  auto reader =
      RequestReader::from_stream(std::make_unique<std::istringstream>(text), "fuzz", format);
  if (!reader) {
    must(reader.error().message.starts_with("fuzz:"));
    return;
  }
  std::uint64_t last = 0;
  // Lines without ids stand for up to 32768 blocks each: bound the work, not the search.
  for (int i = 0; i < 100; ++i) {
    const auto next = reader->next();
    if (!next) {
      must(next.error().message.starts_with("fuzz:"));
      return;
    }
    if (!*next) return;
    must((*next)->time_ns >= last);
    const std::uint64_t tokens = reader->block_tokens();
    must((*next)->blocks.size() == (std::uint64_t{(*next)->input_tokens} + tokens - 1) / tokens);
    last = (*next)->time_ns;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_all(text, nullptr);
  for (const kairo::trace::FormatInfo* format : kairo::trace::formats()) read_all(text, format);
  return 0;
}
