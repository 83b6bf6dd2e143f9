// SPDX-License-Identifier: GPL-2.0-only
#include "merge_plan.h"

#include <algorithm>
#include <numeric>

namespace kairo::testing {
namespace {

using hint::Class;
using hint::Op;

bool fits(Class cls, Op op) {
  if (op == Op::kRead) return cls == Class::kDecode || cls == Class::kPrefetch;
  return cls == Class::kPrefill || cls == Class::kEvict;
}

Class side(const ClassPair& pair, Op op) {
  return op == Op::kRead ? pair.read : pair.write;
}

}  // namespace

std::vector<Part> Geometry::parts() const {
  const std::uint64_t eighth = blocks / 8;
  return {{4 * eighth, eighth, {Class::kDecode, Class::kPrefill}},
          {5 * eighth, eighth, {Class::kPrefetch, Class::kPrefill}},
          {6 * eighth, eighth, {Class::kDecode, Class::kEvict}}};
}

Class expected_class(const Io& io, const Geometry& geometry) {
  if (io.op == Op::kDiscard) return Class::kEvict;
  // A hint of its own, also one that does not fit, is what counts.
  if (io.by == By::kIoprio || io.by == By::kRwf || io.by == By::kAttr)
    return fits(io.hint, io.op) ? io.hint : Class::kNormal;
  if (io.path == Path::kRing && geometry.hints) {
    for (const Part& part : geometry.parts()) {
      if (io.first >= part.first && io.first + io.blocks <= part.first + part.count)
        return side(part.classes, io.op);
    }
  }
  return side(kFileClasses[io.file], io.op);
}

unsigned bios_of(const Io& io, const Geometry& geometry) {
  if (io.op != Op::kDiscard) return 1;
  const std::uint64_t over = io.first % geometry.discard_blocks;
  return over != 0 && over + io.blocks > geometry.discard_blocks ? 2 : 1;
}

void Planner::choose_carrier(Io& io) {
  io.by = By::kNone;
  io.path = one_in(2) ? Path::kAio : Path::kRing;
  io.file = 0;
  io.hint = Class::kNormal;
  io.level = 4;
  io.deadline_us = 0;
  if (io.op == Op::kDiscard) {
    io.path = Path::kRing;
    return;
  }
  constexpr By kAll[] = {By::kNone, By::kIoprio, By::kRwf, By::kAttr, By::kFile};
  io.by = geometry_.hints ? kAll[below(5)] : kAll[below(2)];
  if (io.by == By::kAttr) io.path = Path::kRing;
  if (io.by == By::kFile) io.file = 1 + static_cast<unsigned>(below(kFiles - 1));
  if (io.by == By::kNone || io.by == By::kFile) return;
  // Flags and attributes that contradict the direction are refused; a priority is not.
  if (io.op == Op::kRead)
    io.hint = one_in(2) ? Class::kDecode : Class::kPrefetch;
  else
    io.hint = io.by == By::kIoprio && one_in(4) ? Class::kEvict : Class::kPrefill;
  if (io.by == By::kIoprio && one_in(16)) io.hint = static_cast<Class>(1 + below(4));
  if (io.by == By::kIoprio && one_in(8)) io.level = static_cast<unsigned>(below(8));
  if (io.hint == Class::kPrefetch && io.by != By::kRwf && one_in(2))
    io.deadline_us = 64U << below(12);
}

Io Planner::kind() {
  Io io;
  const auto dice = below(8);
  io.op = dice < 4 ? Op::kRead : dice < 7 || !geometry_.discards ? Op::kWrite : Op::kDiscard;
  // Half of them small, which is where merges are; any number of blocks otherwise.
  const std::uint64_t most = geometry_.most_bytes / geometry_.block_bytes;
  io.blocks = static_cast<unsigned>(1 + below(one_in(2) ? std::min<std::uint64_t>(most, 8) : most));
  io.dsync = io.op == Op::kWrite && one_in(16);
  if (one_in(2))
    io.shift = static_cast<unsigned>(below(4096)) / geometry_.memory_bytes * geometry_.memory_bytes;
  choose_carrier(io);
  return io;
}

// In which order the neighbours of a run come.
std::vector<unsigned> Planner::order(unsigned count) {
  std::vector<unsigned> places(count);
  std::iota(places.begin(), places.end(), 0U);
  const auto even = [](unsigned place) { return place % 2 == 0; };
  switch (below(6)) {
    case 0:
      break;
    case 1:
      std::reverse(places.begin(), places.end());
      break;
    case 2:  // the gaps are filled last
      std::stable_partition(places.begin(), places.end(), even);
      break;
    case 3:  // from the middle, at both ends
      std::reverse(places.begin(), places.end());
      std::stable_partition(places.begin(), places.end(), even);
      std::reverse(places.begin(), places.begin() + (count + 1) / 2);
      break;
    case 4:
      std::shuffle(places.begin(), places.end(), random_);
      break;
    default:  // some twice, some not at all
      for (unsigned& place : places) place = static_cast<unsigned>(below(count));
  }
  return places;
}

void Planner::add_run(std::vector<Io>& ios) {
  const Io model = kind();
  const auto count = static_cast<unsigned>(
      std::clamp<std::uint64_t>(geometry_.blocks / 2 / model.blocks, 1, 2 + below(31)));
  const std::uint64_t length = std::uint64_t{count} * model.blocks;
  const std::uint64_t last = geometry_.blocks - length;
  // Behind the run before it, or over it, or elsewhere.
  std::uint64_t begin = one_in(2) ? place_ : one_in(2) ? place_ - std::min(place_, length) : last;
  if (begin >= last) begin = below(last + 1);
  const bool mixed = one_in(4), over = one_in(6);
  for (const unsigned place : order(count)) {
    Io io = model;
    io.first = begin + std::uint64_t{place} * model.blocks;
    if (over) io.first = begin + below(length - model.blocks + 1);
    if (mixed) choose_carrier(io);
    ios.push_back(io);
  }
  place_ = begin + length;
}

Planner::Round Planner::round(unsigned most_ios) {
  Round round;
  std::vector<std::size_t> begins;
  const auto runs = 2 + below(5);
  for (unsigned i = 0; i < runs && round.ios.size() < most_ios; ++i) {
    begins.push_back(round.ios.size());
    add_run(round.ios);
  }
  round.ios.resize(std::min<std::size_t>(round.ios.size(), most_ios));

  // One run after the other, or an I/O of each in turn.
  std::vector<Io*> sequence;
  if (one_in(2)) {
    for (Io& io : round.ios) sequence.push_back(&io);
  } else {
    begins.push_back(round.ios.size());
    for (std::size_t step = 0; sequence.size() < round.ios.size(); ++step) {
      for (std::size_t run = 0; run + 1 < begins.size(); ++run)
        if (begins[run] + step < begins[run + 1])
          sequence.push_back(&round.ios[begins[run] + step]);
    }
  }

  round.alone = one_in(4);
  const auto most = round.alone ? 1 : 1 + below(32);
  for (std::size_t at = 0; at < sequence.size();) {
    Batch batch;
    batch.thread = static_cast<unsigned>(below(geometry_.threads));
    const auto size = std::min<std::size_t>(1 + below(most), sequence.size() - at);
    batch.ios.assign(sequence.begin() + static_cast<std::ptrdiff_t>(at),
                     sequence.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
    round.batches.push_back(std::move(batch));
  }
  return round;
}

}  // namespace kairo::testing
