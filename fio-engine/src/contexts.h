// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <linux/kairo.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "chooser.h"
#include "hint_lists.h"
#include "hint_map.h"
#include "kairo/engine/workload.h"
#include "metadata.h"

// kv_path=attr: the metadata of an I/O is a context of the ring, named by its id. Pure: what there
// is to register comes out, the ids go in.
namespace kairo::engine {

// Where the metadata of a job's I/O comes from. A range of the map overrides what the job says,
// field by field; a session of the workload or a drawn one stands beside it.
struct MetadataSources {
  Metadata job;
  std::optional<Sessions> sessions;              // kv_sessions, numbered from 1
  const HintMap* map = nullptr;                  // kv_map
  const std::vector<Record>* records = nullptr;  // kv_trace: the records of this job
};

class Contexts {
 public:
  // A job may have as many sessions as it likes, a user's contexts are limited (4096 by default).
  // So this many contexts at most are for sessions, those with the most I/O; the I/O of the others
  // carries what is left when the session is left out. Four jobs fit into the default limit.
  static constexpr std::size_t kMostForSessions = 1000;

  Contexts(const MetadataSources& from, std::uint64_t seed);

  // To be registered, each once. Metadata that says nothing has no context.
  [[nodiscard]] const std::vector<kairo_context_info>& wanted() const { return wanted_; }
  // The ids that wanted() were given, in its order.
  void set_ids(const std::vector<std::uint16_t>& ids);

  // Whether two I/Os of the job can have different ones. If not, of_job() is theirs.
  [[nodiscard]] bool varies() const;

  // The id that an I/O carries, 0 for none. Once per I/O: these draw.
  std::uint16_t of_job();
  std::uint16_t of_range(const MapRange* range) {
    return range ? pick(ranges_[range->number]) : of_job();
  }
  std::uint16_t of_session(std::uint32_t session);

  // Sessions that have a context, and the I/O so far whose session has none.
  [[nodiscard]] std::size_t sessions() const { return cumulative_.size() + by_number_.size(); }
  [[nodiscard]] std::uint64_t ios_without_session() const { return ios_without_session_; }

 private:
  // The contexts of an I/O whose metadata is known: a share of it can be computed again.
  struct Choice {
    std::uint32_t fixed = 0;  // places in ids_, of which the first is "none"
    std::uint32_t recomputable = 0;
    std::uint32_t recompute_percent = 0;
  };

  Choice choice(const Metadata& metadata, bool of_session = false);
  std::uint32_t place(const Metadata& metadata, bool recomputable);
  // Whether all sessions have got a context.
  bool add_drawn(const MetadataSources& from);
  bool add_recorded(const MetadataSources& from);
  std::uint16_t pick(const Choice& choice) {
    const bool again = choice.recompute_percent > 0 && random_.percent() < choice.recompute_percent;
    return ids_[again ? choice.recomputable : choice.fixed];
  }

  // Model, session, pool, group, lifetime, recomputable.
  using Key =
      std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, Lifetime, bool>;
  std::map<Key, std::uint32_t> places_;
  std::vector<kairo_context_info> wanted_;
  std::vector<std::uint16_t> ids_ = {0};
  Choice job_;  // also for sessions without a context
  std::vector<Choice> ranges_;
  std::vector<double> cumulative_;  // share of the I/O of drawn_ up to each
  std::vector<Choice> drawn_;
  std::unordered_map<std::uint32_t, Choice> by_number_;
  bool recorded_ = false;
  std::uint64_t ios_without_session_ = 0;
  base::Random random_;
};

}  // namespace kairo::engine
