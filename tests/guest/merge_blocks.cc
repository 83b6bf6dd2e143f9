// SPDX-License-Identifier: GPL-2.0-only
#include "merge_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace kairo::testing {
namespace {

constexpr std::uint32_t kBroken = UINT32_MAX;
constexpr unsigned kWord = sizeof(std::uint64_t);

std::uint64_t load(const char* data) {
  std::uint64_t value = 0;
  std::memcpy(&value, data, kWord);
  return value;
}

}  // namespace

Blocks::Blocks(std::uint64_t count, unsigned bytes, std::uint64_t seed)
    : bytes_(bytes), seed_(seed), settled_(count) {}

std::uint32_t Blocks::write(std::uint64_t first, unsigned count) {
  ++last_;
  for (unsigned i = 0; i < count; ++i) changes_[first + i].push_back(last_);
  return last_;
}

void Blocks::discard(std::uint64_t first, unsigned count) {
  for (unsigned i = 0; i < count; ++i) changes_[first + i].push_back(0);
}

// Of a write: generation in the upper half, so that it is never 0. The rest tells blocks, and
// programs with other seeds, apart.
std::uint64_t Blocks::word(std::uint64_t block, std::uint32_t generation) const {
  const std::uint64_t mixed = (block + 1) * 0x9e3779b97f4a7c15U ^ seed_ * 0xbf58476d1ce4e5b9U;
  return std::uint64_t{generation} << 32 | (mixed >> 32);
}

void Blocks::fill(char* data, std::uint64_t first, unsigned count, std::uint32_t generation) const {
  for (unsigned i = 0; i < count; ++i) {
    std::uint64_t value = word(first + i, generation);
    for (unsigned at = 0; at < bytes_; at += kWord, ++value)
      std::memcpy(data + std::size_t{i} * bytes_ + at, &value, kWord);
  }
}

std::uint32_t Blocks::generation_of(const char* data, std::uint64_t block) const {
  const auto generation = static_cast<std::uint32_t>(load(data) >> 32);
  std::uint64_t value = generation == 0 ? 0 : word(block, generation);
  for (unsigned at = 0; at < bytes_; at += kWord) {
    if (load(data + at) != value) return kBroken;
    if (generation != 0) ++value;
  }
  return generation;
}

bool Blocks::possible(std::uint64_t block, std::uint32_t generation, bool old) const {
  const auto change = changes_.find(block);
  if (change == changes_.end() || old) {
    if (generation == settled_[block]) return true;
    if (change == changes_.end()) return false;
  }
  return std::find(change->second.begin(), change->second.end(), generation) !=
         change->second.end();
}

std::string Blocks::wrong(const char* data, std::uint64_t first, unsigned count) const {
  for (unsigned i = 0; i < count; ++i) {
    const std::uint32_t found = generation_of(data + std::size_t{i} * bytes_, first + i);
    if (!possible(first + i, found, true))
      return fmt::format("block {} of {} from {} on: generation {:#x}, was {:#x}", first + i, count,
                         first, found, settled_[first + i]);
  }
  return {};
}

std::set<std::uint64_t> Blocks::changed() const {
  std::set<std::uint64_t> blocks;
  for (const auto& [block, generations] : changes_) blocks.insert(block);
  return blocks;
}

std::string Blocks::settle(const char* data, std::uint64_t block) {
  const std::uint32_t found = generation_of(data, block);
  if (!possible(block, found, false))
    return fmt::format("block {}: generation {:#x} after the round, before it {:#x}", block, found,
                       settled_[block]);
  settled_[block] = found;
  return {};
}

}  // namespace kairo::testing
