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

void read_all(const std::string& text, std::optional<kairo::trace::Format> format) {
  using kairo::trace::RequestReader;
  auto reader =
      RequestReader::from_stream(std::make_unique<std::istringstream>(text), "fuzz", format, 512);
  if (!reader) {
    must(reader.error().message.starts_with("fuzz:"));
    return;
  }
  std::uint64_t last = 0;
  // Azure lines name up to 32768 blocks each: bound the work, not the search.
  for (int i = 0; i < 100; ++i) {
    const auto next = reader->next();
    if (!next) {
      must(next.error().message.starts_with("fuzz:"));
      return;
    }
    if (!*next) return;
    must((*next)->time_ns >= last);
    must((*next)->blocks.size() == (std::uint64_t{(*next)->input_tokens} + 511) / 512);
    last = (*next)->time_ns;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_all(text, std::nullopt);
  read_all(text, kairo::trace::Format::kMooncake);
  read_all(text, kairo::trace::Format::kAzure);
  return 0;
}
