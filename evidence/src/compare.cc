// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/evidence/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kairo::evidence {
namespace {

std::string without_commas(std::string text) {
  std::erase(text, ',');
  return text;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// The series of a block, in its comment and in its text.
void rename_series(Page& page, const Block& block, const std::string& series) {
  const bool is_id = block.series.find(' ') == std::string::npos;
  for (std::size_t line = block.first_line; line < block.last_line; ++line) {
    std::string& text = page.lines[line - 1];
    if (line < block.text_line) {
      replace_all(text, "series=\"" + block.series + "\"", "series=" + series);
      replace_all(text, "series=" + block.series, "series=" + series);
    } else if (is_id) {
      replace_all(text, block.series, series);
    } else {
      replace_all(text, "series of " + block.series, "series " + series);
    }
  }
}

}  // namespace

std::string written_like(std::string_view text, const Value& value) {
  if (!value) return "n/a";
  const std::size_t point = text.find('.');
  std::size_t decimals = point == std::string_view::npos ? 0 : text.size() - point - 1;
  if (text == "n/a" && *value < 10) decimals = 2;  // nothing to copy; likely a ratio
  std::string out = fmt::format("{:.{}f}", *value, decimals);
  const std::size_t whole = std::min(out.find('.'), out.size());
  for (std::size_t at = whole; at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

bool Compared::same() const {
  return without_commas(figure.text) == without_commas(measured);
}

base::Result<std::vector<Compared>> compare(const Page& page, const Block& block,
                                            const std::vector<ResultReport>& reports) {
  std::vector<Compared> out;
  for (const Figure& figure : block.figures) {
    if (figure.key.empty()) continue;
    const auto where = fmt::format("{}:{}", page.name, figure.line);
    const auto key = parse_key(figure.key);
    if (!key) return base::fail(key.error(), where);
    const auto found = find_figure(reports, *key);
    // What was not measured then need not be measured now.
    if (!found && figure.text == "n/a") continue;
    if (!found) return base::fail(found.error(), where);
    out.push_back({figure, written_like(figure.text, found->value), found->series});
  }
  return out;
}

base::Result<Page> rewrite(const Page& page, const Block& block,
                           const std::vector<ResultReport>& reports) {
  KAIRO_TRY(auto compared, compare(page, block, reports));
  const auto where = fmt::format("{}:{}", page.name, block.first_line);
  std::set<std::string> series;
  for (const Compared& figure : compared) series.insert(figure.series);
  if (series.size() != 1 || series.begin()->empty())
    return base::bad_input("{}: the results are of {} series (give those of one)", where,
                           series.size() == 1 ? "no" : "several");
  if (*series.begin() != block.series) {
    if (const auto open = without_key(page, block); !open.empty())
      return base::bad_input(
          "{}:{}: {}, and the series would become {} (give it a key, or put it "
          "into a block of its own)",
          page.name, open.front().line, open.front().text, *series.begin());
  }
  Page out = page;
  // From the right, so that columns stay.
  std::sort(compared.begin(), compared.end(),
            [](const Compared& a, const Compared& b) { return a.figure.column > b.figure.column; });
  for (const Compared& c : compared)
    out.lines[c.figure.line - 1].replace(c.figure.column, c.figure.text.size(), c.measured);
  rename_series(out, block, *series.begin());
  return out;
}

}  // namespace kairo::evidence
