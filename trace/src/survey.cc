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

constexpr double kLeastWork = 0.5;  // blocks

// Cumulated work before a time, the work of a tick spread over the time after it.
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
    // What comes at the very time is not before it.
    const double share = passed > gap ? 1.0
                                      : static_cast<double>(passed) /
                                            static_cast<double>(std::max<std::uint64_t>(gap, 1));
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

// The window after `first` whose work is nearest to the mean of all of them; nothing when none has
// any. Windows start every quarter of their length, at most 100,000 of them.
std::optional<Window> typical_after(std::uint64_t first, std::uint64_t last,
                                    std::uint64_t duration_ns, const Cumulated& fresh,
                                    const Cumulated& reused) {
  const std::uint64_t step = std::max({duration_ns / 4, last / 100'000, std::uint64_t{1}});
  std::vector<double> fresh_in;
  std::vector<double> reused_in;
  for (std::uint64_t begin = first; begin + duration_ns <= last; begin += step) {
    fresh_in.push_back(fresh.at(begin + duration_ns) - fresh.at(begin));
    reused_in.push_back(reused.at(begin + duration_ns) - reused.at(begin));
  }
  if (fresh_in.empty()) return std::nullopt;
  const double fresh_mean = mean(fresh_in);
  const double reused_mean = mean(reused_in);
  std::optional<std::size_t> best;
  double least = 0;
  for (std::size_t i = 0; i < fresh_in.size(); ++i) {
    // In a trace that is idle most of the time an idle window is the most typical one.
    if (fresh_in[i] + reused_in[i] < kLeastWork) continue;
    const double score =
        strangeness(fresh_in[i], fresh_mean) + strangeness(reused_in[i], reused_mean);
    if (best && score >= least) continue;
    best = i;
    least = score;
  }
  if (!best) return std::nullopt;
  return Window{first + *best * step, duration_ns};
}

}  // namespace

Result<Survey> survey(RequestReader reader) {
  Survey result;
  result.format = &reader.format();
  result.generated = true;
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t refs = 0;
  for (;;) {
    KAIRO_TRY(auto next, reader.next());
    if (!next) break;
    const Request& request = *next;
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
  const std::uint64_t last = survey.last_ns();
  const Cumulated fresh(survey.ticks, spread_ns, &Tick::new_blocks);
  const Cumulated reused(survey.ticks, spread_ns, &Tick::reused_blocks);
  for (const std::uint64_t first : {last / 5, std::uint64_t{0}})
    if (const auto window = typical_after(first, last, duration_ns, fresh, reused)) return *window;
  // Nothing comes in any of them: what comes is at the very end, or the trace is short.
  if (last <= duration_ns) return {0, duration_ns};
  return {busiest_ns(survey), duration_ns};
}

std::uint64_t busiest_ns(const Survey& survey) {
  const auto busiest =
      std::max_element(survey.ticks.begin(), survey.ticks.end(),
                       [](const Tick& a, const Tick& b) { return a.new_blocks < b.new_blocks; });
  return busiest == survey.ticks.end() ? 0 : busiest->time_ns;
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
