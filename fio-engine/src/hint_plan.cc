// SPDX-License-Identifier: GPL-2.0-only
#include "hint_plan.h"

#include <fmt/format.h>

#include <utility>

#include "kairo/base/short_names.h"

namespace kairo::engine {
namespace {

Status plan_classes(const Options& options, HintPlan& plan) {
  const std::pair<const char*, const char*> rules[] = {{"kv_class", options.classes},
                                                       {"kv_split", options.split},
                                                       {"kv_bssplit", options.bssplit},
                                                       {"kv_map", options.map}};
  const char* first = nullptr;
  for (const auto& [name, value] : rules) {
    if (!value || (value == options.classes && std::string_view(value) == "auto")) continue;
    if (first)
      return bad_input("{} and {} both say the class of an I/O (leave one out)", first, name);
    first = name;
  }
  if (options.classes) {
    KAIRO_TRY(plan.classes, parse_classes(options.classes));
    for (std::size_t d = 0; plan.classes && d < kDirections; ++d)
      plan.directions[d] = plan.classes->classes[d].value_or(kDefaultClasses[d]);
  }
  if (options.split) {
    KAIRO_TRY(plan.split, parse_split(options.split));
  }
  if (options.bssplit) {
    KAIRO_TRY(plan.sizes, parse_bssplit(options.bssplit));
  }
  if (options.map) {
    auto map = read_hint_map(options.map);
    if (!map) return fail(map.error(), "kv_map");
    plan.map = std::move(*map);
  }
  return {};
}

Status plan_priorities(const Options& options, HintPlan& plan) {
  if (options.prio) plan.prio_text = options.prio;
  plan.prio_given = options.prio != nullptr;
  KAIRO_TRY(plan.priorities, parse_priorities(plan.prio_text));
  plan.prio_hint = options.prio_hint != 0;
  if (plan.prio_hint) return {};
  for (std::size_t a = 1; a < hint::kClasses; ++a) {
    for (std::size_t b = 1; b < a; ++b) {
      const auto& x = plan.priorities[a];
      const auto& y = plan.priorities[b];
      // Evictions carry no priority.
      if (a == hint::index(hint::Class::kEvict) || !x || !y) continue;
      if (x->prio_class == y->prio_class && x->level == y->level)
        return bad_input(
            "kv_prio={} with kv_prio_hint=0: {} and {} have the same priority, so nothing would "
            "tell them apart (use kv_prio=rt, mqd3 or kairo, or kv_prio_hint=1)",
            plan.prio_text, hint::kClassNames[b], hint::kClassNames[a]);
    }
  }
  return {};
}

Status plan_metadata(const Options& options, HintPlan& plan) {
  // fio refuses what is more than 32 bits.
  const auto number = [](unsigned long long value) { return static_cast<std::uint32_t>(value); };
  plan.metadata = {number(options.model_id),
                   number(options.session_id),
                   number(options.pool_id),
                   number(options.group_id),
                   static_cast<Lifetime>(options.lifetime),
                   number(options.recompute)};
  KAIRO_CHECK(check_metadata(plan.metadata, "kv_model_id, kv_pool_id, kv_group_id, kv_recompute"));
  if (options.sessions) {
    if (options.session_id != 0)
      return bad_input("kv_sessions and kv_session_id both say the session (leave one out)");
    if (plan.map)
      return bad_input(
          "kv_sessions and kv_map both say the session (leave kv_sessions out, the map has a "
          "column "
          "for it)");
    KAIRO_TRY(plan.sessions, parse_sessions(options.sessions));
  }
  if (options.semantics) {
    KAIRO_TRY(auto semantics, parse_semantics(options.semantics));
    for (const std::string_view word : semantics) plan.semantics.emplace_back(word);
  }
  return {};
}

}  // namespace

Result<HintPlan> plan_hints(const Options& options) {
  HintPlan plan;
  KAIRO_CHECK(plan_classes(options, plan));
  KAIRO_CHECK(plan_priorities(options, plan));
  KAIRO_CHECK(plan_metadata(options, plan));
  if (options.deadline) {
    KAIRO_TRY(plan.deadlines, parse_deadlines(options.deadline));
  }
  return plan;
}

}  // namespace kairo::engine
