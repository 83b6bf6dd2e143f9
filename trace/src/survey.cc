// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/trace/survey.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "kairo/base/units.h"

namespace kairo::trace {
namespace {

using base::Result;

// Cumulated work at a time, the work of a tick spread over the time after it.
class Cumulated {
 public:
  Cumulated(const std::vector<Tick>& ticks, std::uint64_t spread_ns, std::uint64_t Tick::*work)
      : ticks_(ticks), spread_ns_(spread_ns), work_(work) {
    before_.reserve(ticks.size() + 1);
    before_.push_back(0);
    for (const Tick& tick : ticks) before_.push_back(before_.back() + tick.*work);
  }

  [[nodiscard]] double at(std::uint64_t time_ns) const {
    const auto next =
        std::upper_bound(ticks_.begin(), ticks_.end(), time_ns,
                         [](std::uint64_t time, const Tick& tick) { return time < tick.time_ns; });
    if (next == ticks_.begin()) return 0;
    const auto index = static_cast<std::size_t>(next - ticks_.begin()) - 1;
    const Tick& tick = ticks_[index];
    std::uint64_t gap = spread_ns_;
    if (next != ticks_.end()) gap = std::min(gap, next->time_ns - tick.time_ns);
    const std::uint64_t passed = time_ns - tick.time_ns;
    const double share =
        passed >= gap ? 1.0 : static_cast<double>(passed) / static_cast<double>(gap);
    return static_cast<double>(before_[index]) + share * static_cast<double>(tick.*work_);
  }

 private:
  const std::vector<Tick>& ticks_;
  std::uint64_t spread_ns_;
  std::uint64_t Tick::*work_;
  std::vector<std::uint64_t> before_;
};

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Distance from what is usual, relative to it.
double strangeness(double value, double usual) {
  return std::abs(value - usual) / std::max(usual, 1.0);
}

}  // namespace

Result<Survey> survey(RequestReader reader) {
  Survey result;
  result.format = &reader.format();
  result.generated = true;
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t refs = 0;
  for (;;) {
    auto next = reader.next();
    if (!next) return base::fail(next.error());
    if (!*next) break;
    const Request& request = **next;
    ++result.requests;
    result.generated = result.generated && request.generated;
    refs += request.blocks.size();
    if (refs > kMaxBlockRefs)
      return base::bad_input("{}:{}: the trace has more than {} block references (split it)",
                             reader.name(), reader.line(), base::format_count(kMaxBlockRefs));
    if (result.ticks.empty() || result.ticks.back().time_ns != request.time_ns)
      result.ticks.push_back({request.time_ns, 0, 0, 0});
    Tick& tick = result.ticks.back();
    ++tick.requests;
    // Without ids all blocks are different; no need to remember them.
    if (result.format->ids == BlockIds::kNone) {
      tick.new_blocks += request.blocks.size();
      continue;
    }
    for (const std::uint64_t id : request.blocks) {
      if (seen.insert(id).second) {
        ++tick.new_blocks;
      } else {
        ++tick.reused_blocks;
      }
    }
  }
  result.full_blocks_only = reader.full_blocks_only();
  if (result.requests == 0)
    return base::bad_input("{}: has no requests (give a trace with at least one)", reader.name());
  return result;
}

std::uint64_t clock_tick_ns(const Survey& survey) {
  const auto& ticks = survey.ticks;
  if (ticks.size() < 2 || survey.requests < 2 * ticks.size()) return 0;
  std::vector<std::uint64_t> gaps;
  gaps.reserve(ticks.size() - 1);
  for (std::size_t i = 1; i < ticks.size(); ++i)
    gaps.push_back(ticks[i].time_ns - ticks[i - 1].time_ns);
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

Window typical_window(const Survey& survey, std::uint64_t duration_ns, std::uint64_t spread_ns) {
  // Windows start every quarter of their length, at most 100,000 of them.
  const std::uint64_t last = survey.last_ns();
  const std::uint64_t first = last / 5;
  const std::uint64_t step = std::max({duration_ns / 4, last / 100'000, std::uint64_t{1}});
  const Cumulated fresh(survey.ticks, spread_ns, &Tick::new_blocks);
  const Cumulated reused(survey.ticks, spread_ns, &Tick::reused_blocks);
  std::vector<double> fresh_in;
  std::vector<double> reused_in;
  for (std::uint64_t begin = first; begin + duration_ns <= last; begin += step) {
    fresh_in.push_back(fresh.at(begin + duration_ns) - fresh.at(begin));
    reused_in.push_back(reused.at(begin + duration_ns) - reused.at(begin));
  }
  if (fresh_in.empty()) return {0, duration_ns};
  const double fresh_mean = mean(fresh_in);
  const double reused_mean = mean(reused_in);
  std::size_t best = 0;
  double least = 0;
  for (std::size_t i = 0; i < fresh_in.size(); ++i) {
    const double score =
        strangeness(fresh_in[i], fresh_mean) + strangeness(reused_in[i], reused_mean);
    if (i == 0 || score < least) {
      best = i;
      least = score;
    }
  }
  return {first + best * step, duration_ns};
}

Result<Window> parse_window(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return base::fail(base::ErrorCode::kUsage,
                      "--window: \"{}\" is not START:DURATION (example: 600s:16s)", text);
  const auto begin = base::parse_duration_ns(text.substr(0, colon));
  if (!begin) return base::fail(base::ErrorCode::kUsage, "--window: {}", begin.error().message);
  const auto duration = base::parse_duration_ns(text.substr(colon + 1));
  if (!duration)
    return base::fail(base::ErrorCode::kUsage, "--window: {}", duration.error().message);
  constexpr std::uint64_t kLongest = 3653ULL * 86400 * 1'000'000'000;
  if (*duration == 0 || *duration > kLongest || *begin > kLongest)
    return base::fail(base::ErrorCode::kUsage,
                      "--window: \"{}\" is empty or longer than ten years (example: 600s:16s)",
                      text);
  return Window{*begin, *duration};
}

}  // namespace kairo::trace
