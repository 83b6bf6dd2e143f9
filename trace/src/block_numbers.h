// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kairo/trace/format.h"

namespace kairo::trace {

// Numbers blocks 0, 1, 2, ... in order of first use. Ids may be any 64 bits, and where they name
// content only, the same id behind another prefix is another block: its KV differs, and no cache
// can give it.
class BlockNumbers {
 public:
  explicit BlockNumbers(BlockIds ids) : ids_(ids) {}

  [[nodiscard]] std::uint64_t size() const { return numbers_.size(); }

  // The numbers of a prompt's blocks, first to last.
  std::vector<std::uint64_t> of(std::span<const std::uint64_t> ids) {
    std::vector<std::uint64_t> out;
    out.reserve(ids.size());
    std::uint64_t prefix = 0;  // the number before, and one
    for (const std::uint64_t id : ids) {
      const std::uint64_t number =
          numbers_.try_emplace({prefix, id}, numbers_.size()).first->second;
      out.push_back(number);
      if (ids_ == BlockIds::kContent) prefix = number + 1;
    }
    return out;
  }

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>((key.first * 0x9e3779b97f4a7c15ULL) ^ key.second);
    }
  };

  BlockIds ids_;
  std::unordered_map<Key, std::uint64_t, Hash> numbers_;
};

}  // namespace kairo::trace
