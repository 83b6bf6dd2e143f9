// SPDX-License-Identifier: GPL-2.0-only
#include "chooser.h"

namespace kairo::engine {

using hint::Class;
using hint::Op;

Class Chooser::choose(std::size_t direction, std::size_t file, std::uint64_t offset,
                      std::uint64_t length) {
  constexpr PerDirection<Op> kOps = {Op::kRead, Op::kWrite, Op::kDiscard};
  if (const auto* split = std::get_if<Split>(&rules_)) {
    const auto& shares = (*split)[direction];
    if (shares.empty()) return defaults_[direction];
    unsigned draw = random_.percent();
    for (const ClassShare& share : shares) {
      if (draw < share.percent) return share.cls;
      draw -= share.percent;
    }
    return Class::kNormal;
  }
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
  if (const auto* split = std::get_if<Split>(&rules_)) return !(*split)[direction].empty();
  if (const auto* sizes = std::get_if<Sizes>(&rules_)) return !(*sizes)[direction].empty();
  return true;
}

}  // namespace kairo::engine
