// SPDX-License-Identifier: GPL-2.0-only
#include "layout.h"

#include "kairo/base/files.h"
#include "kairo/base/process.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::kernel {
namespace {

Result<std::string> layout_in(const fs::path& file, const std::string& structure) {
  KAIRO_CHECK(base::require_program("pahole", "dwarves"));
  KAIRO_TRY(const auto shown, base::run({.argv = {"pahole", "-C", structure, file.string()},
                                         .environment = {{"LC_ALL", "C"}}}));
  std::string layout = plain_layout(shown.out);
  if (layout.empty())
    return bad_input("{}: pahole finds no struct {} in it, so it cannot be compared", file.string(),
                     structure);
  return layout;
}

}  // namespace

std::string plain_layout(std::string_view text) {
  constexpr std::string_view kAligned = "__attribute__((__aligned__(";
  std::string out;
  for (const std::string_view line : base::split_lines(text)) {
    if (line.find("forced alignments:") != std::string_view::npos) continue;
    std::string plain;
    for (const std::string_view word : base::split_words(line)) {
      // "}__attribute__" does not occur: pahole puts a blank before it
      if (word.starts_with(kAligned)) {
        if (word.ends_with(';')) plain += ';';
        continue;
      }
      if (!plain.empty()) plain += ' ';
      plain += word;
    }
    if (const auto blank = plain.find(" ;"); blank != std::string::npos) plain.erase(blank, 1);
    if (!plain.empty()) out += plain + '\n';
  }
  return out;
}

Status same_layout(const fs::path& kernel, const fs::path& object, const std::string& structure) {
  KAIRO_TRY(const auto theirs, layout_in(kernel, structure));
  KAIRO_TRY(const auto ours, layout_in(object, structure));
  if (theirs == ours) return {};
  const auto their_lines = base::split_lines(theirs);
  const auto our_lines = base::split_lines(ours);
  std::size_t at = 0;
  while (at < their_lines.size() && at < our_lines.size() && their_lines[at] == our_lines[at]) ++at;
  const auto line = [at](const auto& lines) {
    return at < lines.size() ? std::string(lines[at]) : std::string("nothing more");
  };
  return bad_input(
      "struct {} of the kernel {} is not what the module was compiled with: `{}` there, `{}` in {} "
      "(its private headers are those of another version)",
      structure, kernel.string(), line(their_lines), line(our_lines), object.string());
}

}  // namespace kairo::kernel
