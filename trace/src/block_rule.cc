// SPDX-License-Identifier: GPL-2.0-only
#include "block_rule.h"

#include <algorithm>
#include <optional>

namespace kairo::trace {
namespace {

constexpr std::uint64_t kMaxBlockTokens = 65536;  // of --block-tokens

// A size of the range that somebody would choose: a power of two, else a multiple of 16.
std::optional<std::uint64_t> likely_size(const BlockSizes& sizes) {
  const std::uint64_t most = std::min(sizes.most, kMaxBlockTokens);
  if (sizes.least > most) return std::nullopt;
  for (std::uint64_t size = kMaxBlockTokens; size >= sizes.least; size /= 2)
    if (size <= most) return size;
  const std::uint64_t sixteens = most / 16 * 16;
  return sixteens >= sizes.least ? sixteens : most;
}

}  // namespace

void BlockSizes::keep(std::uint64_t from, std::uint64_t to) {
  least = std::max(least, from);
  most = std::min(most, to);
}

void BlockRule::note(std::uint64_t tokens, std::uint64_t ids) {
  if (tokens == 0 && ids == 0) return;
  if (ids == 0) {
    every_.keep(1, 0);
  } else {
    every_.keep((tokens + ids - 1) / ids, ids == 1 ? ~0ULL : (tokens + ids - 2) / (ids - 1) - 1);
  }
  full_only_.keep(tokens / (ids + 1) + 1, ids == 0 ? ~0ULL : tokens / ids);
}

bool BlockRule::accept(std::uint64_t tokens, std::uint64_t ids) {
  note(tokens, ids);
  const std::uint64_t full = tokens / block_tokens_;
  const std::uint64_t every = (tokens + block_tokens_ - 1) / block_tokens_;
  if (full != every && rule_ == Rule::kUnknown) {
    if (ids == every) rule_ = Rule::kEvery;
    if (ids == full) rule_ = Rule::kFullOnly;
  }
  if (ids == (full_only() ? full : every)) return true;
  bad_tokens_ = tokens;
  bad_ids_ = ids;
  return false;
}

std::string BlockRule::objection() const {
  const std::uint64_t expected =
      full_only() ? bad_tokens_ / block_tokens_ : (bad_tokens_ + block_tokens_ - 1) / block_tokens_;
  const std::string found =
      fmt::format("\"hash_ids\" has {} blocks, an input of {} tokens has {} of {}{}", bad_ids_,
                  bad_tokens_, expected, block_tokens_,
                  full_only() ? ", counting full ones only, as the lines above do" : "");
  for (const BlockSizes& sizes : {every_, full_only_})
    if (const auto size = likely_size(sizes); size && *size != block_tokens_)
      return fmt::format("{} (give --block-tokens {})", found, *size);
  return found + " (no one size of block fits the whole trace: are lines of several in it?)";
}

}  // namespace kairo::trace
