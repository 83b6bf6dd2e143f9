// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "kairo/trace/reader.h"

namespace kairo::trace {

// What a reader gives until its end, or its first error.
inline base::Result<std::vector<Request>> all_requests(base::Result<RequestReader> reader) {
  if (!reader) return base::fail(reader.error());
  std::vector<Request> all;
  for (;;) {
    KAIRO_TRY(auto next, reader->next());
    if (!next) return all;
    all.push_back(std::move(*next));
  }
}

// Of a text, which messages call "t".
inline base::Result<std::vector<Request>> read(std::string text, const FormatInfo* format = nullptr,
                                               std::uint32_t block_tokens = 0) {
  return all_requests(RequestReader::from_stream(
      std::make_unique<std::istringstream>(std::move(text)), "t", format, block_tokens));
}

}  // namespace kairo::trace
