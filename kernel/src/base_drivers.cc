// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"
#include "kairo/kernel/series.h"

namespace kairo::kernel {
namespace {

constexpr std::string_view kListName = "base-drivers";
constexpr std::string_view kDiff = "diff --git a/";

// "diff --git a/X b/X" to "X".
std::string_view path_of_diff(std::string_view line) {
  line.remove_prefix(kDiff.size());
  return line.substr(0, line.find(" b/"));
}

bool reaches_the_image(std::string_view path) {
  return !path.starts_with("Documentation/") && path != "MAINTAINERS";
}

// The value of a header line, "Date: ...".
std::string header_line(std::string_view patch, std::string_view field) {
  for (const std::string_view line : base::split_lines(patch)) {
    if (line.empty()) break;
    if (line.starts_with(field)) return std::string(line) + "\n";
  }
  return {};
}

// Author, date, subject and the diffs of files that reach an image. Without "index" lines: they
// hash the whole of a file and so what other patches did to it.
Patch reduced(const Patch& patch, const std::string& subject) {
  std::string text = header_line(patch.text, "From: ") + header_line(patch.text, "Date: ") +
                     fmt::format("Subject: [PATCH] {}\n\n---\n", subject);
  bool kept = false;
  for (const std::string_view line : base::split_lines(patch.text)) {
    if (line.starts_with(kDiff)) kept = reaches_the_image(path_of_diff(line));
    if (kept && !line.starts_with("index ")) text.append(line).append("\n");
  }
  return {subject, std::move(text)};
}

}  // namespace

std::string patch_subject(std::string_view patch) {
  constexpr std::string_view kField = "Subject: ";
  std::string subject;
  bool inside = false;
  for (const std::string_view line : base::split_lines(patch)) {
    if (line.empty()) break;
    if (line.starts_with(kField)) {
      subject = line.substr(kField.size());
      inside = true;
    } else if (inside && line.starts_with(' ')) {
      subject += line;
    } else {
      inside = false;
    }
  }
  if (subject.starts_with("[PATCH")) {
    const auto close = subject.find(']');
    subject.erase(0, close == std::string::npos ? 0 : close + 1);
  }
  return subject.substr(std::min(subject.find_first_not_of(' '), subject.size()));
}

Result<Series> base_drivers(const Series& series) {
  const fs::path list = series.directory / kListName;
  KAIRO_TRY(const auto text, base::read_file(list, 1U << 16));
  std::set<std::string> wanted;
  std::size_t number = 0;
  for (const std::string_view whole : base::split_lines(text)) {
    ++number;
    const std::string subject(base::trim(whole));
    if (subject.empty() || subject.starts_with('#')) continue;
    const auto fitting =
        std::count_if(series.patches.begin(), series.patches.end(),
                      [&](const Patch& patch) { return patch_subject(patch.text) == subject; });
    if (fitting != 1)
      return bad_input("{}:{}: '{}': the subject of {} of the series (name one of them)",
                       list.string(), number, subject,
                       fitting == 0 ? "no patch" : "more than one patch");
    wanted.insert(subject);
  }
  if (wanted.empty()) return bad_input("{}: names no patch", list.string());
  Series out{.directory = series.directory, .patches = {}};
  for (const Patch& patch : series.patches) {
    const std::string subject = patch_subject(patch.text);
    if (wanted.count(subject) != 0) out.patches.push_back(reduced(patch, subject));
  }
  return out;
}

}  // namespace kairo::kernel
