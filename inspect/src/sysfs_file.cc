// SPDX-License-Identifier: GPL-2.0-only
#include "sysfs_file.h"

#include <algorithm>

#include "kairo/base/files.h"
#include "kairo/base/text.h"

namespace kairo::inspect {

std::optional<std::string> read_sysfs_line(const std::filesystem::path& file) {
  const auto text = base::read_file(file, 1 << 20);
  if (!text) return std::nullopt;
  return std::string(base::trim(std::string_view(*text).substr(0, text->find('\n'))));
}

std::vector<std::string> offered(std::string_view line) {
  std::vector<std::string> out;
  for (std::string_view word : base::split_words(line)) {
    if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
    out.emplace_back(word);
  }
  return out;
}

bool offers_choice(std::string_view line) {
  const std::vector<std::string> names = offered(line);
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return name != "none"; });
}

}  // namespace kairo::inspect
