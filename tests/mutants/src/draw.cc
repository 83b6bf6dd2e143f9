// SPDX-License-Identifier: GPL-2.0-only
#include "draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string_view>

#include "code_mask.h"
#include "edits.h"
#include "kairo/base/text.h"

namespace kairo::mutants {
namespace {

constexpr std::size_t kContext = 3;  // lines, as in git's own diffs

// Drawn with the engine alone: the standard's distributions differ from library to library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine_() % end); }

 private:
  std::mt19937_64 engine_;
};

struct Place {
  const SourceFile* file;
  std::size_t line;  // from 0
  std::string_view text;
  std::vector<Edit> edits;
};

void add_places(const SourceFile& file, std::string_view masked, std::vector<Place>& out) {
  const auto lines = base::split_lines(file.text);
  const auto code = base::split_lines(masked);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto begin = static_cast<std::size_t>(code[i].data() - masked.data());
    auto edits = edits_of(code[i], lines[i], masked.substr(0, begin));
    if (!edits.empty()) out.push_back({&file, i, lines[i], std::move(edits)});
  }
}

const Edit& draw_edit(const std::vector<Edit>& edits, Dice& dice) {
  std::vector<std::string_view> kinds;
  for (const Edit& edit : edits)
    if (std::find(kinds.begin(), kinds.end(), edit.kind) == kinds.end()) kinds.push_back(edit.kind);
  const std::string_view kind = kinds[dice.below(kinds.size())];
  std::vector<const Edit*> fit;
  for (const Edit& edit : edits)
    if (edit.kind == kind) fit.push_back(&edit);
  return *fit[dice.below(fit.size())];
}

}  // namespace

std::vector<Mutation> draw(const std::vector<SourceFile>& files, std::uint64_t seed) {
  std::vector<std::string> masked;
  masked.reserve(files.size());
  std::vector<Place> places;
  for (const SourceFile& file : files) {
    masked.push_back(code_mask(file.text));
    add_places(file, masked.back(), places);
  }
  Dice dice(seed);
  std::vector<Mutation> out;
  for (std::size_t left = places.size(); left > 0; --left) {
    std::swap(places[dice.below(left)], places[left - 1]);
    const Place& place = places[left - 1];
    const Edit& edit = draw_edit(place.edits, dice);
    const std::string before(place.text);
    out.push_back({place.file->path, place.line + 1, std::string(edit.kind), before,
                   std::string(before).replace(edit.at, edit.length, edit.replacement)});
  }
  return out;
}

std::string mutated(const SourceFile& file, const Mutation& mutation) {
  std::string out = file.text;
  const auto lines = base::split_lines(file.text);
  const auto at = static_cast<std::size_t>(lines[mutation.line - 1].data() - file.text.data());
  return out.replace(at, mutation.before.size(), mutation.after);
}

std::string unified_diff(const SourceFile& file, const Mutation& mutation) {
  const auto lines = base::split_lines(file.text);
  const std::size_t changed = mutation.line - 1;
  const std::size_t first = changed - std::min(changed, kContext);
  const std::size_t end = std::min(changed + kContext + 1, lines.size());
  std::string out = fmt::format("--- a/{0}\n+++ b/{0}\n@@ -{1},{2} +{1},{2} @@\n", file.path,
                                first + 1, end - first);
  for (std::size_t i = first; i < end; ++i) {
    if (i != changed) out += fmt::format(" {}\n", lines[i]);
    if (i == changed) out += fmt::format("-{}\n+{}\n", mutation.before, mutation.after);
  }
  return out;
}

}  // namespace kairo::mutants
