// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/trace/format.h"

namespace kairo::trace {

// Finds a format's columns by their names, wherever they stand among others.
class CsvTable {
 public:
  CsvTable() = default;
  // Refuses a header without one of the format's columns.
  static base::Result<CsvTable> from_header(std::string_view header, const FormatInfo& format);

  // The values of the format's columns, in its order.
  [[nodiscard]] base::Result<std::vector<std::string>> row(std::string_view line) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::size_t> wanted_;  // index of each of the format's columns
};

}  // namespace kairo::trace
