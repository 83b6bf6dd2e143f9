// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "direction.h"
#include "kairo/base/result.h"
#include "kairo/hint.hpp"

// The values of options that are lists, in fio's own notation: ',' between read, write and trim,
// ':' between entries, '/' inside one. Pure: no fio. Messages start with `option=value`.
namespace kairo::engine {

// read=decode, write=prefill, trim=evict.
inline constexpr PerDirection<hint::Class> kDefaultClasses = {
    hint::Class::kDecode, hint::Class::kPrefill, hint::Class::kEvict};

struct ClassShare {
  hint::Class cls = hint::Class::kNormal;
  unsigned percent = 0;
  bool operator==(const ClassShare&) const = default;
};

struct SizeRule {
  std::uint64_t bytes = 0;
  ClassShare share;
  bool operator==(const SizeRule&) const = default;
};

// kv_class: "auto", "decode", "prefetch,prefill,evict". One name stands for all directions, an
// empty place for the direction's default. nullopt: auto.
struct ClassOption {
  PerDirection<std::optional<hint::Class>> classes;
  bool one_for_all = false;  // a single name: a replay takes its records only
};
base::Result<std::optional<ClassOption>> parse_classes(std::string_view value);

// kv_split: "decode/70:prefetch/30,prefill/80". What is left of 100 is normal. A direction that is
// not given keeps its default.
base::Result<PerDirection<std::vector<ClassShare>>> parse_split(std::string_view value);

// kv_bssplit: "64k/decode:128k/prefetch/90,1m/prefill". Without a percentage all I/O of the size;
// sizes that are not given keep the direction's default.
base::Result<PerDirection<std::vector<SizeRule>>> parse_bssplit(std::string_view value);

// kv_deadline: "decode/2ms:prefetch/20ms", nanoseconds by class, 0 for none.
using Deadlines = std::array<std::uint64_t, hint::kClasses>;
base::Result<Deadlines> parse_deadlines(std::string_view value);

// kv_prio: the I/O priority class and level beside each class's hint; nullopt: best effort, 4.
using Priorities = std::array<std::optional<hint::Ioprio>, hint::kClasses>;
// "be", "rt", "mqd3", "kairo", or "decode=1/0:prefetch=2/4:prefill=3/7". In a list no two classes
// may have the same.
base::Result<Priorities> parse_priorities(std::string_view value);

// kv_sessions: "8", "8:zipf:1.1".
struct Sessions {
  std::uint64_t count = 0;
  std::optional<double> zipf_theta;
};
base::Result<Sessions> parse_sessions(std::string_view value);

// A word of kv_semantics: what it is to the kernel, and whether reads cannot have it.
struct SemanticsWord {
  std::string_view name;
  hint::Semantics flag;
  bool writes_only;
};
inline constexpr SemanticsWord kSemanticsWords[] = {
    {"ephemeral", hint::Semantics::kEphemeral, true},
    {"nodurability", hint::Semantics::kNoDurability, true},
    {"avoidcache", hint::Semantics::kAvoidPageCache, false}};

// kv_semantics: "ephemeral:nodurability:avoidcache", any of them.
base::Result<std::vector<std::string_view>> parse_semantics(std::string_view value);

// "normal, decode, prefetch, prefill, evict": for messages.
std::string class_names();

}  // namespace kairo::engine
