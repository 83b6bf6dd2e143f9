// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "hint_lists.h"
#include "hint_map.h"
#include "kairo/base/random.h"

// Which class an I/O gets, when the job has more than one for a direction. Pure: no clock, no fio.
namespace kairo::engine {

// Holds the rules of one job and the state of its draws.
class Chooser {
 public:
  using Split = PerDirection<std::vector<ClassShare>>;
  using Sizes = PerDirection<std::vector<SizeRule>>;

  Chooser(const Split& split, PerDirection<hint::Class> defaults, std::uint64_t seed)
      : rules_(Draws(split, defaults)), defaults_(defaults), random_(seed) {}
  Chooser(Sizes sizes, PerDirection<hint::Class> defaults, std::uint64_t seed)
      : rules_(std::move(sizes)), defaults_(defaults), random_(seed) {}
  Chooser(HintMap map, PerDirection<hint::Class> defaults)
      : rules_(std::move(map)), defaults_(defaults), random_(0) {}

  // `direction` 0 read, 1 write, 2 trim; `file` is the number of the job's file, for a map that
  // tells files apart. A draw per call: once per I/O.
  hint::Class choose(std::size_t direction, std::size_t file, std::uint64_t offset,
                     std::uint64_t length) {
    return draws() ? draw(direction) : choose_by_place(direction, file, offset, length);
  }
  // A split needs to know the direction only: its choose(), without a call.
  [[nodiscard]] bool draws() const { return std::holds_alternative<Draws>(rules_); }
  hint::Class draw(std::size_t direction) {
    const Draws& draws = *std::get_if<Draws>(&rules_);
    return draws.mixes[direction] ? draws.classes[direction][random_.percent()]
                                  : defaults_[direction];
  }
  // Whether the direction can get more than one class.
  [[nodiscard]] bool mixes(std::size_t direction) const;

 private:
  // The class of each of the hundred draws there are: one look-up per I/O.
  struct Draws {
    Draws(const Split& split, PerDirection<hint::Class> defaults);
    PerDirection<std::array<hint::Class, 100>> classes;
    PerDirection<bool> mixes = {};
  };

  hint::Class choose_by_place(std::size_t direction, std::size_t file, std::uint64_t offset,
                              std::uint64_t length);

  std::variant<Draws, Sizes, HintMap> rules_;
  PerDirection<hint::Class> defaults_;
  base::Random random_;
};

}  // namespace kairo::engine
