// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <vector>

#include "kairo/base/random.h"

namespace kairo::trace {
namespace {

constexpr double kRequestsPerSecond = 3.4;
constexpr double kTurnShare = 0.35;  // of the requests that continue a conversation
constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kMaxInput = 126'000;
constexpr std::uint64_t kMaxOutput = 2000;
// Conversations that may go on; more requests than this make older ones end.
constexpr std::size_t kOpenConversations = 64;

struct Conversation {
  std::uint64_t tokens = 0;           // prompt and answer of the last turn
  std::vector<std::uint64_t> blocks;  // full blocks of the prompt, which keep their ids
};

class Sampler {
 public:
  explicit Sampler(std::uint64_t seed) : random_(seed) {}

  void request(std::string& out) {
    time_ms_ += -std::log(1 - random_.unit()) * 1000 / kRequestsPerSecond;
    const bool goes_on = !open_.empty() && random_.unit() < kTurnShare;
    std::size_t index = 0;
    if (goes_on) {
      index = random_.below(open_.size());
    } else if (open_.size() < kOpenConversations) {
      index = open_.size();
      open_.push_back({});
    } else {
      index = random_.below(open_.size());
      open_[index] = {};
    }
    Conversation& talk = open_[index];
    if (talk.blocks.empty()) talk.blocks.push_back(0);  // the system prompt
    const double question = random_.unit() < 0.15 ? log_normal(16000, 0.8) : log_normal(4000, 0.9);
    const std::uint64_t input = std::clamp<std::uint64_t>(
        talk.tokens + static_cast<std::uint64_t>(question), kBlock, kMaxInput);
    const auto output =
        std::clamp<std::uint64_t>(static_cast<std::uint64_t>(log_normal(240, 0.8)), 1, kMaxOutput);
    const std::uint64_t full = input / kBlock;
    while (talk.blocks.size() < full) talk.blocks.push_back(next_id_++);
    talk.blocks.resize(full);
    write(out, input, output, talk.blocks);
    talk.tokens = std::min(kMaxInput, input + output);
  }

 private:
  double log_normal(double middle, double sigma) {
    const double radius = std::sqrt(-2 * std::log(1 - random_.unit()));
    return middle * std::exp(sigma * radius * std::cos(2 * std::numbers::pi * random_.unit()));
  }

  void write(std::string& out, std::uint64_t input, std::uint64_t output,
             const std::vector<std::uint64_t>& full) {
    auto to = std::back_inserter(out);
    fmt::format_to(to,
                   "{{\"timestamp\": {}, \"input_length\": {}, \"output_length\": {}, "
                   "\"hash_ids\": [{}",
                   static_cast<std::uint64_t>(time_ms_), input, output, full[0]);
    for (std::size_t i = 1; i < full.size(); ++i) fmt::format_to(to, ", {}", full[i]);
    // A last block that is not full is different in every turn.
    if (input % kBlock != 0) fmt::format_to(to, ", {}", next_id_++);
    out += "], \"generated\": true}\n";
  }

  base::Random random_;
  double time_ms_ = 0;
  std::uint64_t next_id_ = 1;
  std::vector<Conversation> open_;
};

}  // namespace

std::string make_sample(std::uint32_t requests, std::uint64_t seed) {
  std::string out;
  Sampler sampler(seed);
  for (std::uint32_t i = 0; i < requests; ++i) sampler.request(out);
  return out;
}

}  // namespace kairo::trace
