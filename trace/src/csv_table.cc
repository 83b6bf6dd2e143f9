// SPDX-License-Identifier: GPL-2.0-only
#include "csv_table.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "formats/csv.h"
#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::trace {

Result<CsvTable> CsvTable::from_header(std::string_view header, const FormatInfo& format) {
  CsvTable table;
  table.header_ = split_csv(header).value_or(std::vector<std::string>());
  for (const std::string_view column : format.columns) {
    const auto at = std::find(table.header_.begin(), table.header_.end(), column);
    if (at == table.header_.end())
      return bad_input("the header '{}' has no column {} ({} has {})", base::excerpt(header),
                       column, format.title, fmt::join(format.columns, ", "));
    table.wanted_.push_back(static_cast<std::size_t>(at - table.header_.begin()));
  }
  return table;
}

Result<std::vector<std::string>> CsvTable::row(std::string_view line) const {
  KAIRO_TRY(const auto fields, split_csv(line));
  if (fields.size() != header_.size())
    return bad_input("'{}' has {} columns, the header has {}", base::excerpt(line), fields.size(),
                     header_.size());
  std::vector<std::string> out;
  for (const std::size_t index : wanted_) out.push_back(fields[index]);
  return out;
}

}  // namespace kairo::trace
