// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "kairo/base/result.h"

namespace kairo::trace {

// The block sizes, in tokens, that a number of ids fits.
struct BlockSizes {
  std::uint64_t least = 1;
  std::uint64_t most = ~0ULL;

  [[nodiscard]] bool none() const { return least > most; }
  void keep(std::uint64_t from, std::uint64_t to);
};

// Which blocks of a prompt have an id. Some writers name every block, also a last one that is not
// full; others hash full blocks only. A trace holds to one of the two; which, its first prompt that
// tells them apart says.
class BlockRule {
 public:
  explicit BlockRule(std::uint32_t block_tokens) : block_tokens_(block_tokens) {}

  // Whether a prompt of so many tokens may have so many ids here.
  bool accept(std::uint64_t tokens, std::uint64_t ids);
  [[nodiscard]] bool full_only() const { return rule_ == Rule::kFullOnly; }

  // After accept() said no: what is wrong. note() takes what follows in the trace into account, so
  // that the size that is suggested fits all of it.
  void note(std::uint64_t tokens, std::uint64_t ids);
  [[nodiscard]] std::string objection() const;

 private:
  enum class Rule { kUnknown, kEvery, kFullOnly };

  std::uint32_t block_tokens_;
  Rule rule_ = Rule::kUnknown;
  BlockSizes every_;
  BlockSizes full_only_;
  std::uint64_t bad_tokens_ = 0;
  std::uint64_t bad_ids_ = 0;
};

}  // namespace kairo::trace
