// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace kairo::testing {

// What a device must contain. Every block that is written carries its number and the generation of
// the write, so that data that went elsewhere, came late or was lost is seen. I/Os of one round are
// in flight together: a block that several of them change may have what any of them left.
class Blocks {
 public:
  // `count` blocks of `bytes`, a multiple of 512, all of which read as zeroes.
  Blocks(std::uint64_t count, unsigned bytes, std::uint64_t seed);

  [[nodiscard]] std::uint64_t count() const { return settled_.size(); }
  [[nodiscard]] unsigned bytes() const { return bytes_; }

  // A write of `count` blocks from `first` on: its generation, for fill().
  std::uint32_t write(std::uint64_t first, unsigned count);
  // A discard of them: they read as zeroes then.
  void discard(std::uint64_t first, unsigned count);
  // The data of that write.
  void fill(char* data, std::uint64_t first, unsigned count, std::uint32_t generation) const;

  // What is wrong with the data of a read in the round; empty when it may be so.
  [[nodiscard]] std::string wrong(const char* data, std::uint64_t first, unsigned count) const;

  // The blocks that the round changed. Each is to be read again and given to settle(), which says
  // what is wrong with it.
  [[nodiscard]] std::set<std::uint64_t> changed() const;
  std::string settle(const char* data, std::uint64_t block);
  void end_round() { changes_.clear(); }

 private:
  [[nodiscard]] std::uint64_t word(std::uint64_t block, std::uint32_t generation) const;
  // The generation that the block's data says it is of, 0 for zeroes; nothing that was written
  // gives kBroken.
  [[nodiscard]] std::uint32_t generation_of(const char* data, std::uint64_t block) const;
  [[nodiscard]] bool possible(std::uint64_t block, std::uint32_t generation, bool old) const;

  unsigned bytes_;
  std::uint64_t seed_;
  std::uint32_t last_ = 0;
  std::vector<std::uint32_t> settled_;
  std::map<std::uint64_t, std::vector<std::uint32_t>> changes_;
};

}  // namespace kairo::testing
