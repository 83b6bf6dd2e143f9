// SPDX-License-Identifier: GPL-2.0-only
#include "contexts.h"

#include <algorithm>
#include <cmath>

namespace kairo::engine {
namespace {

// Of a Zipf distribution, not normalised.
double weight(std::uint64_t rank, const Sessions& sessions) {
  return sessions.zipf_theta ? std::pow(static_cast<double>(rank), -*sessions.zipf_theta) : 1;
}

double total_weight(const Sessions& sessions) {
  if (!sessions.zipf_theta) return static_cast<double>(sessions.count);
  // Term by term as far as that takes no time, an integral for the rest: its error is below the
  // resolution of the draws.
  const std::uint64_t summed = std::min<std::uint64_t>(sessions.count, 1'000'000);
  double sum = 0;
  for (std::uint64_t rank = summed; rank > 0; --rank) sum += weight(rank, sessions);
  const double power = 1 - *sessions.zipf_theta;
  const auto part = [&](std::uint64_t end) {
    return std::pow(static_cast<double>(end) + 0.5, power) / power;
  };
  return sum + part(sessions.count) - part(summed);
}

// `range` says what it says, `job` the rest.
Metadata merged(const Metadata& range, const Metadata& job) {
  Metadata out = range;
  if (!out.model) out.model = job.model;
  if (!out.session) out.session = job.session;
  if (!out.pool) out.pool = job.pool;
  if (!out.group) out.group = job.group;
  if (out.lifetime == Lifetime::kNone) out.lifetime = job.lifetime;
  if (!out.recompute_percent) out.recompute_percent = job.recompute_percent;
  return out;
}

std::size_t most_sessions(const Metadata& job) {
  const bool two_each = job.recompute_percent > 0 && job.recompute_percent < 100;
  return Contexts::kMostForSessions / (two_each ? 2 : 1);
}

}  // namespace

Contexts::Contexts(const MetadataSources& from, std::uint64_t seed) : random_(seed) {
  if (from.map) {
    for (const Metadata& range : from.map->metadata())
      ranges_.push_back(choice(merged(range, from.job)));
  }
  const bool all_have_sessions =
      (from.sessions && add_drawn(from)) || (from.records && add_recorded(from));
  if (!all_have_sessions) job_ = choice(from.job);
}

bool Contexts::add_drawn(const MetadataSources& from) {
  const Sessions& sessions = *from.sessions;
  const double total = total_weight(sessions);
  const std::uint64_t count = std::min<std::uint64_t>(sessions.count, most_sessions(from.job));
  double sum = 0;
  Metadata metadata = from.job;
  for (std::uint64_t rank = 1; rank <= count; ++rank) {
    sum += weight(rank, sessions);
    cumulative_.push_back(sum / total);
    metadata.session = static_cast<std::uint32_t>(rank);
    drawn_.push_back(choice(metadata, true));
  }
  // Rounding must not leave a draw without a session when all have a context.
  if (count == sessions.count) cumulative_.back() = 1;
  return count == sessions.count;
}

bool Contexts::add_recorded(const MetadataSources& from) {
  recorded_ = true;
  std::unordered_map<std::uint32_t, std::uint64_t> ios;
  for (const Record& record : *from.records) {
    // Discards carry nothing.
    if (record.cls != hint::Class::kEvict) ++ios[record.session];
  }
  std::vector<std::pair<std::uint32_t, std::uint64_t>> order(ios.begin(), ios.end());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  const bool all = order.size() <= most_sessions(from.job);
  if (!all) order.resize(most_sessions(from.job));
  Metadata metadata = from.job;
  for (const auto& [session, count] : order) {
    metadata.session = session;
    by_number_.emplace(session, choice(metadata, true));
  }
  return all;
}

Contexts::Choice Contexts::choice(const Metadata& metadata, bool of_session) {
  // A workload may number its sessions from 0.
  if (!of_session && metadata == Metadata{}) return {};
  const std::uint32_t percent = metadata.recompute_percent;
  Choice out;
  out.recompute_percent = percent < 100 ? percent : 0;
  out.fixed = place(metadata, percent == 100);
  if (out.recompute_percent) out.recomputable = place(metadata, true);
  return out;
}

std::uint32_t Contexts::place(const Metadata& metadata, bool recomputable) {
  const auto [at, is_new] = places_.try_emplace({metadata.model, metadata.session, metadata.pool,
                                                 metadata.group, metadata.lifetime, recomputable},
                                                static_cast<std::uint32_t>(wanted_.size() + 1));
  if (!is_new) return at->second;
  kairo_context_info info = {};
  info.model = metadata.model;
  info.session = metadata.session;
  info.cache_pool = metadata.pool;
  info.placement_group = metadata.group;
  info.lifetime = static_cast<std::uint8_t>(metadata.lifetime);
  info.flags = recomputable ? KAIRO_CONTEXT_RECOMPUTABLE : 0;
  wanted_.push_back(info);
  ids_.push_back(0);
  return at->second;
}

void Contexts::set_ids(const std::vector<std::uint16_t>& ids) {
  std::copy(ids.begin(), ids.end(), ids_.begin() + 1);
}

bool Contexts::varies() const {
  return recorded_ || !ranges_.empty() || !drawn_.empty() || job_.recompute_percent > 0;
}

std::uint16_t Contexts::of_job() {
  if (drawn_.empty()) return pick(job_);
  // 53 bits to [0, 1).
  const double draw = random_.unit();
  const auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), draw);
  if (at != cumulative_.end())
    return pick(drawn_[static_cast<std::size_t>(at - cumulative_.begin())]);
  ++ios_without_session_;
  return pick(job_);
}

std::uint16_t Contexts::of_session(std::uint32_t session) {
  const auto at = by_number_.find(session);
  if (at != by_number_.end()) return pick(at->second);
  ++ios_without_session_;
  return pick(job_);
}

}  // namespace kairo::engine
