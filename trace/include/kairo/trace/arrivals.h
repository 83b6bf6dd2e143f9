// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/trace/reader.h"

namespace kairo::trace {

// Undoes the clock of a trace. Mooncake's conversation trace counts in ticks of 3 s: ten requests
// arrive in the same millisecond, then nothing for 3 s. Replayed as it is, that is an artefact of
// the recording. Requests with equal timestamps are spread over the time to the next timestamp, at
// most `spread_ns`, at uniformly drawn times (as Poisson arrivals are, given their number), in the
// order of the file. 0 leaves them as they are.
class Arrivals {
 public:
  Arrivals(RequestReader reader, std::uint64_t spread_ns, std::uint64_t seed)
      : reader_(std::move(reader)), spread_ns_(spread_ns), seed_(seed) {}

  // The next request in order of the spread times. Holds the requests of one timestamp in memory,
  // at most 100,000.
  base::Result<std::optional<Request>> next();

 private:
  base::Status fill();

  RequestReader reader_;
  std::uint64_t spread_ns_;
  std::uint64_t seed_;
  std::vector<Request> group_;  // requests of one timestamp, times already spread
  std::size_t given_ = 0;       // how many of them next() returned
  std::optional<Request> ahead_;
  bool started_ = false;
};

}  // namespace kairo::trace
