// SPDX-License-Identifier: GPL-2.0-only
#include "chooser.h"

#include <algorithm>

namespace kairo::engine {

using hint::Class;

Chooser::Draws::Draws(const Split& split, PerDirection<Class> defaults) {
  for (std::size_t d = 0; d < kDirections; ++d) {
    mixes[d] = !split[d].empty();
    classes[d].fill(mixes[d] ? Class::kNormal : defaults[d]);
    auto next = classes[d].begin();
    for (const ClassShare& share : split[d]) next = std::fill_n(next, share.percent, share.cls);
  }
}

Class Chooser::choose_by_place(std::size_t direction, std::size_t file, std::uint64_t offset,
                               std::uint64_t length) {
  if (const auto* sizes = std::get_if<Sizes>(&rules_)) {
    bool listed = false;
    unsigned draw = 0;
    for (const SizeRule& rule : (*sizes)[direction]) {
      if (rule.bytes != length) continue;
      if (!listed) draw = random_.percent();
      listed = true;
      if (draw < rule.share.percent) return rule.share.cls;
      draw -= rule.share.percent;
    }
    return listed ? Class::kNormal : defaults_[direction];
  }
  const MapRange* range = std::get<HintMap>(rules_).find(file, offset);
  if (!range || !hint::allowed(range->cls, kOps[direction])) return defaults_[direction];
  return range->cls;
}

bool Chooser::mixes(std::size_t direction) const {
  if (const auto* draws = std::get_if<Draws>(&rules_)) return draws->mixes[direction];
  if (const auto* sizes = std::get_if<Sizes>(&rules_)) return !(*sizes)[direction].empty();
  return true;
}

}  // namespace kairo::engine
