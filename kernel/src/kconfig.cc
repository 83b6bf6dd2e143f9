// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/kernel/kconfig.h"

#include "kairo/base/short_names.h"
#include "kairo/base/text.h"

namespace kairo::kernel {
namespace {

constexpr std::string_view kNotSet = " is not set";
constexpr std::string_view kPrefix = "CONFIG_";

bool is_symbol(std::string_view text) {
  return text.starts_with(kPrefix) &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
             std::string_view::npos;
}

}  // namespace

Result<KernelConfig> parse_config(std::string_view text, std::string_view name) {
  KernelConfig config;
  std::size_t number = 0;
  for (const std::string_view whole : base::split_lines(text)) {
    const std::string_view line = base::trim(whole);
    ++number;
    if (line.starts_with("# CONFIG_") && line.ends_with(kNotSet)) {
      config[std::string(line.substr(2, line.size() - 2 - kNotSet.size()))] = "n";
      continue;
    }
    if (line.empty() || line.starts_with('#')) continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || !is_symbol(line.substr(0, equals)))
      return bad_input("{}:{}: '{}' is neither CONFIG_X=value nor '# CONFIG_X is not set'", name,
                       number, line);
    config[std::string(line.substr(0, equals))] = std::string(line.substr(equals + 1));
  }
  return config;
}

std::vector<std::string> unmet_requests(const KernelConfig& asked, const KernelConfig& final) {
  const auto told = [](const std::string& value) {
    return value == "n" ? std::string("not set") : value;
  };
  std::vector<std::string> unmet;
  for (const auto& [symbol, wanted] : asked) {
    const auto found = final.find(symbol);
    const std::string value = found == final.end() ? "n" : found->second;
    if (value != wanted)
      unmet.push_back(fmt::format("{}: asked for {}, is {}", symbol, told(wanted), told(value)));
  }
  return unmet;
}

std::set<std::string> added_symbols(std::string_view patch) {
  std::set<std::string> symbols;
  for (const std::string_view whole : base::split_lines(patch)) {
    const std::string_view line = base::trim(whole);
    for (const std::string_view keyword : {"+config ", "+menuconfig "}) {
      if (line.starts_with(keyword))
        symbols.insert(std::string(kPrefix) + std::string(line.substr(keyword.size())));
    }
  }
  return symbols;
}

}  // namespace kairo::kernel
