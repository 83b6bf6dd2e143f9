// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "chooser.h"
#include "hint_lists.h"
#include "metadata.h"
#include "options.h"

// What a job's kv_* options say, parsed and checked against each other.
namespace kairo::engine {

struct HintPlan {
  std::optional<ClassOption> classes;  // kv_class, unless auto
  PerDirection<hint::Class> directions = kDefaultClasses;
  std::optional<Chooser::Split> split;  // at most one of these three
  std::optional<Chooser::Sizes> sizes;
  std::optional<HintMap> map;
  std::string prio_text = "be";  // kv_prio as given
  bool prio_given = false;
  Priorities priorities;
  bool prio_hint = true;
  std::optional<Deadlines> deadlines;
  Metadata metadata;
  std::optional<Sessions> sessions;
  std::vector<std::string> semantics;

  // The one class that a replay is to take.
  [[nodiscard]] std::optional<hint::Class> one_class() const {
    return classes && classes->one_for_all ? classes->classes[0] : std::nullopt;
  }
  [[nodiscard]] bool chooses() const { return split || sizes || map; }
};

// Reads kv_map's file, nothing else is touched.
base::Result<HintPlan> plan_hints(const Options& options);

}  // namespace kairo::engine
