// SPDX-License-Identifier: GPL-2.0-only
#include "sysfs_file.h"

#include "kairo/base/files.h"
#include "kairo/base/text.h"

namespace kairo::inspect {

std::optional<std::string> read_sysfs_line(const std::filesystem::path& file) {
  const auto text = base::read_file(file, 1 << 20);
  if (!text) return std::nullopt;
  return std::string(base::trim(std::string_view(*text).substr(0, text->find('\n'))));
}

std::string_view selected(std::string_view line) {
  const auto open = line.find('[');
  const auto close = line.find(']', open);
  if (open == std::string_view::npos || close == std::string_view::npos) return line;
  return line.substr(open + 1, close - open - 1);
}

}  // namespace kairo::inspect
