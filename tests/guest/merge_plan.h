// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "kairo/hint.hpp"

namespace kairo::testing {

// How an I/O says what it is. kFile: by the open file; kNone may be inside a region.
enum class By { kNone, kIoprio, kRwf, kAttr, kFile };
enum class Path { kAio, kRing };

constexpr unsigned kFiles = 3;  // without a class, then with each pair of kFileClasses
struct ClassPair {
  hint::Class read, write;
};
constexpr ClassPair kFileClasses[kFiles] = {{hint::Class::kNormal, hint::Class::kNormal},
                                            {hint::Class::kDecode, hint::Class::kPrefill},
                                            {hint::Class::kPrefetch, hint::Class::kEvict}};

struct Io {
  hint::Op op = hint::Op::kRead;
  Path path = Path::kAio;
  By by = By::kNone;
  unsigned file = 0;
  hint::Class hint = hint::Class::kNormal;  // as said by the I/O itself
  unsigned level = 4;                       // of the I/O priority
  std::uint32_t deadline_us = 0;            // of a prefetch, 0: not said
  bool dsync = false;
  std::uint64_t first = 0;  // block
  unsigned blocks = 0;
  unsigned shift = 0;  // of its memory, so that segments end anywhere
  std::uint32_t generation = 0;
  int result = 0;
};

// I/Os that one thread submits with one call a path.
struct Batch {
  unsigned thread = 0;
  std::vector<Io*> ios;
};

// A region of each ring, in blocks.
struct Part {
  std::uint64_t first, count;
  ClassPair classes;
};

struct Geometry {
  std::uint64_t blocks = 0;
  unsigned block_bytes = 512;
  unsigned most_bytes = 65536;  // of an I/O
  unsigned discard_blocks = 1;  // the granularity of discards
  unsigned memory_bytes = 512;  // the alignment of memory
  unsigned threads = 2;
  bool discards = true;
  // By a thread that may wait. Else they may merge before they come to the scheduler, but one that
  // finds no tag is sent again as a whole and counted twice.
  bool async_discards = true;
  bool hints = true;  // else only what every kernel takes: no hint, and ioprio

  [[nodiscard]] std::vector<Part> parts() const;
};

// The class that the scheduler must see: the I/O's own hint, then the region's, then the file's;
// one that does not fit the direction counts as none.
hint::Class expected_class(const Io& io, const Geometry& geometry);

// How many bios an I/O is before anything is split: the part of a discard in front of the first
// multiple of the granularity is one for itself.
unsigned bios_of(const Io& io, const Geometry& geometry);

// Rounds of I/Os that may merge: runs of neighbours up, down, inside out and over each other, next
// to and among runs of other classes, alone and in batches. The same for the same seed.
class Planner {
 public:
  Planner(const Geometry& geometry, std::uint64_t seed) : geometry_(geometry), random_(seed) {}

  struct Round {
    std::vector<Io> ios;  // what the batches point to
    std::vector<Batch> batches;
    bool alone = false;  // one submission each: no plug, the scheduler sees every bio
  };
  Round round(unsigned most_ios);

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(unsigned n) { return below(n) == 0; }

  Io kind();
  void choose_carrier(Io& io);
  std::vector<unsigned> order(unsigned count);
  void add_run(std::vector<Io>& ios);

  Geometry geometry_;
  std::mt19937_64 random_;
  std::uint64_t place_ = 0;  // behind the last run
};

}  // namespace kairo::testing
