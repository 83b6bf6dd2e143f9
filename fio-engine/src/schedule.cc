// SPDX-License-Identifier: GPL-2.0-only
#include "schedule.h"

#include <algorithm>

namespace kairo::engine {

using hint::Class;

Schedule::Schedule(const std::vector<Record>& records, bool dependencies)
    : records_(&records), dependencies_(dependencies) {}

std::optional<Schedule::Item> Schedule::next() {
  const std::vector<Record>& records = *records_;
  while (next_ < records.size()) {
    const Record& record = records[next_];
    if (!ready_.empty() && ready_.top().due_ns <= record.time_ns) break;
    const auto index = static_cast<std::uint32_t>(next_++);
    if (!dependencies_) return Item{index, record.time_ns};
    if (record.cls == Class::kPrefetch || record.cls == Class::kPrefill)
      ++sessions_[record.session].outstanding;
    if (record.cls == Class::kDecode) {
      Session& session = sessions_[record.session];
      if (session.outstanding > 0) {
        session.waiting.push_back(index);
        ++waiting_;
        continue;
      }
    }
    return Item{index, record.time_ns};
  }
  if (ready_.empty()) return std::nullopt;
  const Item item = ready_.top();
  ready_.pop();
  return item;
}

void Schedule::completed(std::uint32_t index, std::uint64_t now_ns) {
  const Record& record = (*records_)[index];
  if (!dependencies_ || (record.cls != Class::kPrefetch && record.cls != Class::kPrefill)) return;
  Session& session = sessions_[record.session];
  if (--session.outstanding > 0) return;
  for (const std::uint32_t waiting : session.waiting)
    ready_.push({waiting, std::max((*records_)[waiting].time_ns, now_ns)});
  waiting_ -= session.waiting.size();
  session.waiting.clear();
}

SessionTimes::SessionTimes(const std::vector<Record>& records) {
  for (const Record& record : records) {
    const auto [at, is_new] = sessions_.try_emplace(record.session);
    Session& session = at->second;
    if (is_new) session.arrival_ns = record.time_ns;
    if (record.cls != Class::kDecode) continue;
    if (session.steps.empty() || session.steps.back().first != record.time_ns)
      session.steps.emplace_back(record.time_ns, Step{});
    ++session.steps.back().second.reads;
  }
}

void SessionTimes::completed(const Record& record, std::uint64_t now_ns) {
  if (record.cls != Class::kDecode) return;
  auto& steps = sessions_[record.session].steps;
  const auto at =
      std::lower_bound(steps.begin(), steps.end(), record.time_ns,
                       [](const auto& step, std::uint64_t t) { return step.first < t; });
  if (at == steps.end()) return;
  ++at->second.done;
  at->second.end_ns = std::max(at->second.end_ns, now_ns);
}

std::vector<SessionResult> SessionTimes::results() const {
  std::vector<SessionResult> out;
  for (const auto& [number, session] : sessions_) {
    SessionResult result;
    result.session = number;
    std::uint64_t first_ns = 0;
    std::uint64_t last_ns = 0;
    for (const auto& [time, step] : session.steps) {
      if (step.done < step.reads) continue;
      if (result.steps++ == 0) first_ns = last_ns = step.end_ns;
      first_ns = std::min(first_ns, step.end_ns);
      last_ns = std::max(last_ns, step.end_ns);
    }
    if (result.steps == 0) continue;
    result.ttft_ns = first_ns - session.arrival_ns;
    if (result.steps > 1 && last_ns > first_ns)
      result.steps_per_s =
          static_cast<double>(result.steps - 1) * 1e9 / static_cast<double>(last_ns - first_ns);
    out.push_back(result);
  }
  std::sort(out.begin(), out.end(),
            [](const SessionResult& a, const SessionResult& b) { return a.session < b.session; });
  return out;
}

}  // namespace kairo::engine
