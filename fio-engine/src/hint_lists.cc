// SPDX-License-Identifier: GPL-2.0-only
#include "hint_lists.h"

#include <algorithm>

#include "kairo/base/short_names.h"
#include "kairo/base/units.h"

namespace kairo::engine {
namespace {

using hint::Class;
using hint::PrioClass;

constexpr PerDirection<std::string_view> kVerbs = {"read", "write", "trim"};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

Result<std::vector<std::string_view>> directions(std::string_view option, std::string_view value) {
  auto out = split(value, ',');
  if (out.size() > kDirections)
    return bad_input("{}={}: {} lists, there are three directions (read,write,trim)", option, value,
                     out.size());
  return out;
}

Result<Class> class_in(std::string_view option, std::string_view value, std::string_view name) {
  if (const auto cls = hint::parse_class(name)) return *cls;
  return bad_input("{}={}: '{}' is not a class (give one of {})", option, value, name,
                   class_names());
}

Result<Class> class_for(std::string_view option, std::string_view value, std::string_view name,
                        std::size_t direction) {
  const auto cls = class_in(option, value, name);
  if (!cls || hint::allowed(*cls, kOps[direction])) return cls;
  return bad_input(
      "{}={}: a {} cannot be {} (reads are decode or prefetch, writes prefill, trims "
      "evict, anything normal)",
      option, value, kVerbs[direction], name);
}

Result<unsigned> percent_in(std::string_view option, std::string_view value,
                            std::string_view text) {
  const auto percent = base::parse_u64(text);
  if (percent && *percent <= 100) return static_cast<unsigned>(*percent);
  return bad_input("{}={}: '{}' is not a percentage (give a whole number from 0 to 100)", option,
                   value, text);
}

base::Status sum_fits(std::string_view option, std::string_view value, unsigned sum,
                      std::string_view of) {
  if (sum <= 100) return {};
  return bad_input("{}={}: the percentages of {} add up to {} (lower them to 100 at most)", option,
                   value, of, sum);
}

Result<hint::Ioprio> priority_in(std::string_view value, std::string_view text) {
  const auto fields = split(text, '/');
  const auto cls = fields.size() == 2 ? base::parse_u64(fields[0]) : std::nullopt;
  const auto level = fields.size() == 2 ? base::parse_u64(fields[1]) : std::nullopt;
  if (!cls || !level || *cls < 1 || *cls > 3 || *level > 7)
    return bad_input(
        "kv_prio={}: '{}' is not a priority (give class/level: class 1 real time, 2 "
        "best effort or 3 idle; level 0 to 7)",
        value, text);
  return hint::Ioprio{static_cast<PrioClass>(*cls), static_cast<unsigned>(*level), Class::kNormal};
}

std::optional<Priorities> preset(std::string_view name) {
  const auto all = [](hint::Ioprio decode, hint::Ioprio prefetch, hint::Ioprio prefill,
                      hint::Ioprio evict) {
    return Priorities{std::nullopt, decode, prefetch, prefill, evict};
  };
  const auto rt = [](unsigned level) { return hint::Ioprio{PrioClass::kRealTime, level, {}}; };
  const auto be = [](unsigned level) { return hint::Ioprio{PrioClass::kBestEffort, level, {}}; };
  const hint::Ioprio idle = {PrioClass::kIdle, 7, {}};
  if (name == "be") return all(be(4), be(4), be(4), be(4));
  if (name == "rt") return all(rt(0), be(0), be(7), be(4));
  if (name == "mqd3") return all(rt(0), be(4), idle, idle);
  if (name == "kairo") return all(rt(0), rt(1), be(7), be(6));
  return std::nullopt;
}

}  // namespace

std::string class_names() {
  return fmt::format("{}", fmt::join(hint::kClassNames, ", "));
}

Result<std::optional<ClassOption>> parse_classes(std::string_view value) {
  if (value == "auto") return std::nullopt;
  KAIRO_TRY(const auto names, directions("kv_class", value));
  ClassOption out;
  out.one_for_all = names.size() == 1;
  for (std::size_t d = 0; d < names.size(); ++d) {
    if (names[d].empty() && !out.one_for_all) continue;
    KAIRO_TRY(const auto cls, out.one_for_all ? class_in("kv_class", value, names[d])
                                              : class_for("kv_class", value, names[d], d));
    out.classes[d] = cls;
    if (out.one_for_all) out.classes.fill(cls);
  }
  return out;
}

Result<PerDirection<std::vector<ClassShare>>> parse_split(std::string_view value) {
  constexpr std::string_view kOption = "kv_split";
  KAIRO_TRY(const auto lists, directions(kOption, value));
  PerDirection<std::vector<ClassShare>> out;
  for (std::size_t d = 0; d < lists.size(); ++d) {
    if (lists[d].empty()) continue;
    unsigned sum = 0;
    for (const std::string_view entry : split(lists[d], ':')) {
      const auto fields = split(entry, '/');
      if (fields.size() != 2)
        return bad_input("{}={}: '{}' is not class/percentage (as in decode/70:prefetch/30)",
                         kOption, value, entry);
      KAIRO_TRY(const auto cls, class_for(kOption, value, fields[0], d));
      KAIRO_TRY(const auto percent, percent_in(kOption, value, fields[1]));
      for (const ClassShare& other : out[d]) {
        if (other.cls == cls)
          return bad_input("{}={}: {} is given twice (add the two up)", kOption, value, fields[0]);
      }
      out[d].push_back({cls, percent});
      sum += percent;
    }
    KAIRO_CHECK(sum_fits(kOption, value, sum, kVerbs[d]));
  }
  return out;
}

Result<PerDirection<std::vector<SizeRule>>> parse_bssplit(std::string_view value) {
  constexpr std::string_view kOption = "kv_bssplit";
  KAIRO_TRY(const auto lists, directions(kOption, value));
  PerDirection<std::vector<SizeRule>> out;
  for (std::size_t d = 0; d < lists.size(); ++d) {
    if (lists[d].empty()) continue;
    for (const std::string_view entry : split(lists[d], ':')) {
      const auto fields = split(entry, '/');
      if (fields.size() != 2 && fields.size() != 3)
        return bad_input(
            "{}={}: '{}' is not size/class or size/class/percentage (as in "
            "64k/decode:128k/prefetch/90)",
            kOption, value, entry);
      const auto bytes = base::parse_bytes(fields[0]);
      if (!bytes || *bytes == 0)
        return bad_input("{}={}: '{}' is not a block size (as in 64k)", kOption, value, fields[0]);
      KAIRO_TRY(const auto cls, class_for(kOption, value, fields[1], d));
      KAIRO_TRY(const auto percent,
                fields.size() == 3 ? percent_in(kOption, value, fields[2]) : Result<unsigned>(100));
      unsigned sum = percent;
      for (const SizeRule& other : out[d]) sum += other.bytes == *bytes ? other.share.percent : 0;
      KAIRO_CHECK(sum_fits(kOption, value, sum, fields[0]));
      out[d].push_back({*bytes, {cls, percent}});
    }
  }
  return out;
}

Result<Deadlines> parse_deadlines(std::string_view value) {
  Deadlines out = {};
  for (const std::string_view entry : split(value, ':')) {
    const auto fields = split(entry, '/');
    if (fields.size() != 2)
      return bad_input("kv_deadline={}: '{}' is not class/time (as in decode/2ms:prefetch/20ms)",
                       value, entry);
    KAIRO_TRY(const auto cls, class_in("kv_deadline", value, fields[0]));
    const auto time = base::parse_duration_ns(fields[1]);
    if (!time || *time == 0)
      return bad_input("kv_deadline={}: '{}' is not a time (as in 2ms or 500us)", value, fields[1]);
    if (out[hint::index(cls)] != 0)
      return bad_input("kv_deadline={}: {} is given twice (leave one out)", value, fields[0]);
    out[hint::index(cls)] = *time;
  }
  return out;
}

Result<Priorities> parse_priorities(std::string_view value) {
  if (const auto known = preset(value)) return *known;
  Priorities out;
  for (const std::string_view entry : split(value, ':')) {
    const auto fields = split(entry, '=');
    if (fields.size() != 2)
      return bad_input(
          "kv_prio={}: neither one of be, rt, mqd3, kairo nor a list as in "
          "decode=1/0:prefetch=2/4:prefill=3/7",
          value);
    KAIRO_TRY(const auto cls, class_in("kv_prio", value, fields[0]));
    if (cls == Class::kNormal)
      return bad_input(
          "kv_prio={}: class normal has the job's own priority (set it with fio's "
          "prioclass and prio)",
          value);
    KAIRO_TRY(const auto prio, priority_in(value, fields[1]));
    for (std::size_t other = 0; other < out.size(); ++other) {
      if (!out[other]) continue;
      if (other == hint::index(cls))
        return bad_input("kv_prio={}: {} is given twice (leave one out)", value, fields[0]);
      if (out[other]->prio_class == prio.prio_class && out[other]->level == prio.level)
        return bad_input(
            "kv_prio={}: {} and {} have the same priority {} (give each its own: a "
            "scheduler could not tell them apart)",
            value, hint::kClassNames[other], fields[0], fields[1]);
    }
    out[hint::index(cls)] = prio;
  }
  return out;
}

Result<Sessions> parse_sessions(std::string_view value) {
  const auto fields = split(value, ':');
  Sessions out;
  const auto count = base::parse_u64(fields[0]);
  if (!count || *count == 0 || *count > UINT32_MAX)
    return bad_input("kv_sessions={}: '{}' is not a number of sessions (give 1 to 4294967295)",
                     value, fields[0]);
  out.count = *count;
  if (fields.size() == 1) return out;
  const auto theta =
      fields.size() == 3 && fields[1] == "zipf" ? base::parse_double(fields[2]) : std::nullopt;
  if (!theta || *theta <= 0 || *theta == 1)
    return bad_input(
        "kv_sessions={}: '{}' is not a distribution (as in 8:zipf:1.1, with an exponent "
        "above 0 and not 1)",
        value, value.substr(fields[0].size() + 1));
  out.zipf_theta = *theta;
  return out;
}

Result<std::vector<std::string_view>> parse_semantics(std::string_view value) {
  std::vector<std::string_view> known;
  for (const SemanticsWord& word : kSemanticsWords) known.push_back(word.name);
  auto out = split(value, ':');
  for (const std::string_view word : out)
    if (std::find(known.begin(), known.end(), word) == known.end())
      return bad_input("kv_semantics={}: '{}' is not one of {}", value, word,
                       fmt::join(known, ", "));
  return out;
}

}  // namespace kairo::engine
