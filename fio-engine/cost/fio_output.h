// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace kairo::engine {

// The JSON that fio prints, behind the notes that it prints before; discarded when there is none.
inline nlohmann::json json_of_fio(std::string_view printed) {
  const std::size_t begin = printed.find("{\n");
  return nlohmann::json::parse(
      begin == std::string_view::npos ? std::string_view() : printed.substr(begin), nullptr, false);
}

}  // namespace kairo::engine
