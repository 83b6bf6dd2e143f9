// SPDX-License-Identifier: GPL-2.0-only
#include "figure_text.h"

#include <algorithm>
#include <array>
#include <regex>

namespace kairo::evidence {
namespace {

constexpr const char* kNumber = R"(\d[\d,]*(?:\.\d+)?)";
constexpr const char* kUnit = "(?:µs|us|ns|ms|[KMG]i?B/s|IOPS|I/Os?/s|requests/s)(?![A-Za-z0-9])";

void blank(std::string& line, std::size_t begin, std::size_t end) {
  std::fill(line.begin() + static_cast<std::ptrdiff_t>(begin),
            line.begin() + static_cast<std::ptrdiff_t>(std::min(end, line.size())), ' ');
}

// From `open` to `close`, again and again; what is not closed stays.
void blank_between(std::string& line, std::string_view open, std::string_view close) {
  for (std::size_t at = 0; (at = line.find(open, at)) != std::string::npos;) {
    const std::size_t end = line.find(close, at + open.size());
    if (end == std::string::npos) return;
    blank(line, at, end + close.size());
  }
}

std::vector<Span> find_all(const std::string& line, const std::regex& pattern) {
  std::vector<Span> out;
  for (std::sregex_iterator it(line.begin(), line.end(), pattern), end; it != end; ++it)
    out.push_back({static_cast<std::size_t>(it->position(1)), it->str(1).size()});
  return out;
}

}  // namespace

std::string plain_text(std::string_view line) {
  std::string out(line);
  blank_between(out, "<!--", "-->");
  blank_between(out, "`", "`");
  blank_between(out, "](", ")");
  return out;
}

std::vector<Span> measured_numbers(const std::string& line) {
  static const std::string number = kNumber;
  // A word in front makes it a name: p99, fio-3.33, x86.
  static const std::string begin = "(?:^|[^A-Za-z0-9_.,-])(" + number + ")";
  static const std::array<std::regex, 4> patterns = {
      std::regex(begin + " ?" + kUnit), std::regex(begin + R"((?: times\b|x(?![\w])|×| ×))"),
      std::regex(R"((?:^|[^\w])p(?:50|90|95|99(?:\.9+)?)(?: is| was| of| at|:)? ()" + number + ")"),
      std::regex(R"((?:^|[^\w.,])(\d+\.\d+) of )")};
  std::vector<Span> out;
  for (const std::regex& pattern : patterns)
    for (const Span& span : find_all(line, pattern))
      if (std::none_of(out.begin(), out.end(),
                       [&](const Span& known) { return known.begin == span.begin; }))
        out.push_back(span);
  std::sort(out.begin(), out.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  return out;
}

std::vector<Span> all_numbers(const std::string& line) {
  static const std::regex pattern(std::string("(") + kNumber + "|n/a)");
  return find_all(line, pattern);
}

bool is_measured_head(const std::string& head) {
  static const std::regex pattern(std::string("(?:^|[^A-Za-z])") + kUnit);
  return std::regex_search(head, pattern);
}

bool is_plan(std::string_view line) {
  static constexpr std::array<std::string_view, 4> kPlans = {
      "**Question.**", "**Why.**", "**What runs.**", "**What would refute it.**"};
  return std::any_of(kPlans.begin(), kPlans.end(),
                     [&](std::string_view plan) { return line.starts_with(plan); });
}

}  // namespace kairo::evidence
