// SPDX-License-Identifier: GPL-2.0-only
#include "hint_map.h"

#include <algorithm>
#include <array>
#include <optional>

#include "hint_lists.h"
#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/base/units.h"

namespace kairo::engine {
namespace {

using base::excerpt;

constexpr std::size_t kNone = SIZE_MAX;
constexpr std::size_t kFields = 8;
constexpr std::size_t kMaxRanges = 1'000'000;
constexpr std::string_view kColumns = "start,end,class,model,session,pool,lifetime,recompute";

std::optional<std::uint32_t> id(std::string_view text) {
  if (text.empty()) return 0;
  const auto value = base::parse_u64(text);
  if (!value || *value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

// `line` with its fields; fields at the end may be left out.
Result<MapRange> parse_range(std::string_view line, const std::string& where) {
  std::array<std::string_view, kFields> field;
  std::string_view rest = line;
  for (std::size_t i = 0; i < kFields; ++i) {
    const std::size_t comma = rest.find(',');
    field[i] = rest.substr(0, comma);
    if (comma == std::string_view::npos) {
      rest = {};
      if (i < 2) return bad_input("{}: '{}' is not {}", where, excerpt(line), kColumns);
      break;
    }
    rest.remove_prefix(comma + 1);
    if (i + 1 == kFields) return bad_input("{}: more than the fields {}", where, kColumns);
  }
  MapRange out;
  const auto start = base::parse_bytes(field[0]);
  const auto end = base::parse_bytes(field[1]);
  if (!start || !end || *start >= *end)
    return bad_input(
        "{}: '{},{}' is not a range (give start,end in bytes, as in 0,64m; the end is "
        "the first byte after it)",
        where, excerpt(field[0]), excerpt(field[1]));
  out.start = *start;
  out.end = *end;
  const auto cls = hint::parse_class(field[2]);
  if (!cls)
    return bad_input("{}: '{}' is not a class (give one of {})", where, excerpt(field[2]),
                     class_names());
  out.cls = *cls;
  const auto model = id(field[3]);
  const auto session = id(field[4]);
  const auto pool = id(field[5]);
  const auto recompute = id(field[7]);
  if (!model || !session || !pool || !recompute)
    return bad_input(
        "{}: model, session, pool and recompute are whole numbers (leave out what is "
        "not known)",
        where);
  const auto lifetime = parse_lifetime(field[6].empty() ? "none" : field[6]);
  if (!lifetime)
    return bad_input("{}: '{}' is not a lifetime (give none, short, session, model or persistent)",
                     where, excerpt(field[6]));
  out.metadata = {*model, *session, *pool, 0, *lifetime, *recompute};
  KAIRO_CHECK(check_metadata(out.metadata, where));
  return out;
}

}  // namespace

const MapRange* HintMap::find(std::size_t file, std::uint64_t offset) const {
  const std::size_t index = section_of_file_[file];
  if (index == kNone) return nullptr;
  const auto& ranges = sections_[index].ranges;
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), offset,
                       [](std::uint64_t at, const MapRange& range) { return at < range.start; });
  if (after == ranges.begin()) return nullptr;
  const MapRange& range = *std::prev(after);
  return offset < range.end ? &range : nullptr;
}

Status HintMap::bind(const std::vector<std::string>& files) {
  section_of_file_.assign(files.size(), kNone);
  for (std::size_t s = 0; s < sections_.size(); ++s) {
    bool used = sections_[s].file.empty();
    for (std::size_t f = 0; f < files.size(); ++f) {
      if (sections_[s].file == files[f] || (used && section_of_file_[f] == kNone))
        section_of_file_[f] = s;
      used = used || sections_[s].file == files[f];
    }
    if (!used)
      return bad_input(
          "kv_map={}: file={} is not a file of the job (leave the section out, or write "
          "the name as in filename=)",
          name_, sections_[s].file);
  }
  return {};
}

std::size_t HintMap::ranges() const {
  std::size_t sum = 0;
  for (const Section& section : sections_) sum += section.ranges.size();
  return sum;
}

std::vector<Metadata> HintMap::metadata() const {
  std::vector<Metadata> out;
  for (const Section& section : sections_)
    for (const MapRange& range : section.ranges) out.push_back(range.metadata);
  return out;
}

Result<HintMap> parse_hint_map(std::string_view text, std::string_view name) {
  HintMap map;
  map.name_ = name;
  map.sections_.emplace_back();
  std::vector<std::vector<std::pair<MapRange, std::size_t>>> lines(1);  // with their line numbers
  std::size_t number = 0;
  std::uint32_t ranges = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::string where = fmt::format("{}:{}", name, ++number);
    if (line.empty() || line.starts_with('#') || line == kColumns) continue;
    if (line.starts_with("file=")) {
      map.sections_.push_back({std::string(line.substr(5)), {}});
      lines.emplace_back();
      continue;
    }
    if (number > kMaxRanges) return bad_input("{}: more than {} lines", where, kMaxRanges);
    KAIRO_TRY(const auto range, parse_range(line, where));
    lines.back().emplace_back(range, number);
  }
  for (std::size_t s = 0; s < lines.size(); ++s) {
    std::stable_sort(lines[s].begin(), lines[s].end(),
                     [](const auto& a, const auto& b) { return a.first.start < b.first.start; });
    for (std::size_t i = 0; i < lines[s].size(); ++i) {
      if (i > 0 && lines[s][i].first.start < lines[s][i - 1].first.end)
        return bad_input("{}:{}: overlaps the range of line {} (make them follow each other)", name,
                         lines[s][i].second, lines[s][i - 1].second);
      map.sections_[s].ranges.push_back(lines[s][i].first);
      map.sections_[s].ranges.back().number = ranges++;
    }
  }
  if (ranges == 0) return bad_input("{}: has no range (give lines of {})", name, kColumns);
  return map;
}

Result<HintMap> read_hint_map(const std::filesystem::path& path) {
  KAIRO_TRY(const auto text, base::read_file(path, 64ULL << 20));
  return parse_hint_map(text, path.string());
}

}  // namespace kairo::engine
