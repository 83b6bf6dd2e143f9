// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

namespace kairo::trace {

// A made-up trace in Mooncake's format; every record carries "generated":true. Users hold
// conversations: each turn's prompt is the last one plus its answer plus a new question, behind one
// shared system prompt; turns are minutes apart; now and then someone brings a long document.
// Lengths, rates and reuse are of the order of Mooncake's conversation trace (3.4 requests/s, mean
// input 12,000 tokens), the clock is exact. The same arguments give the same text.
std::string make_sample(std::uint32_t requests, std::uint64_t seed);

}  // namespace kairo::trace
