// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/arrivals.h"

#include <algorithm>
#include <utility>

#include "kairo/base/random.h"

namespace kairo::trace {
namespace {

constexpr std::size_t kMaxGroup = 100'000;

}  // namespace

base::Result<std::optional<Request>> Arrivals::next() {
  if (spread_ns_ == 0) return reader_.next();
  if (given_ == group_.size()) {
    KAIRO_CHECK(fill());
    if (group_.empty()) return std::optional<Request>();
  }
  return std::optional<Request>(std::move(group_[given_++]));
}

base::Status Arrivals::fill() {
  group_.clear();
  given_ = 0;
  if (!started_) {
    KAIRO_TRY(ahead_, reader_.next());
    started_ = true;
  }
  if (!ahead_) return {};
  const std::uint64_t time = ahead_->time_ns;
  std::uint64_t gap = spread_ns_;
  do {
    group_.push_back(std::move(*ahead_));
    ahead_.reset();
    if (group_.size() > kMaxGroup)
      return base::bad_input(
          "{}:{}: more than {} requests have the same timestamp (give --spread 0)", reader_.name(),
          reader_.line(), kMaxGroup);
    KAIRO_TRY(ahead_, reader_.next());
  } while (ahead_ && ahead_->time_ns == time);
  if (ahead_) gap = std::min(gap, ahead_->time_ns - time);

  std::vector<std::uint64_t> offsets(group_.size());
  base::Random random(base::mix(seed_, time));
  for (auto& offset : offsets) offset = random.below(gap);
  std::sort(offsets.begin(), offsets.end());
  for (std::size_t i = 0; i < group_.size(); ++i) group_[i].time_ns += offsets[i];
  return {};
}

}  // namespace kairo::trace
