// SPDX-License-Identifier: GPL-2.0-only
#include "kairo/evidence/page.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <regex>

#include "kairo/base/suggest.h"
#include "kairo/base/text.h"
#include "kairo/evidence/results.h"
#include "table.h"

namespace kairo::evidence {
namespace {

using Members = std::map<std::string, std::string>;

// series=x command="a b": what stands behind "measured:".
base::Result<Members> parse_members(const std::string& text) {
  static const std::regex member(R"re(\s*([a-z]+)=(?:"([^"]*)"|([^\s"]+)))re");
  static const std::vector<std::string> known = {"series", "command", "columns", "rows"};
  Members out;
  auto at = text.cbegin();
  std::smatch match;
  while (
      std::regex_search(at, text.cend(), match, member, std::regex_constants::match_continuous)) {
    const std::string name = match[1];
    if (std::find(known.begin(), known.end(), name) == known.end())
      return base::bad_input("member \"{}\" is unknown{} (known: {})", name,
                             base::did_you_mean(name, known), fmt::join(known, ", "));
    if (!out.emplace(name, match[2].matched ? match[2].str() : match[3].str()).second)
      return base::bad_input("{} is given twice (keep one)", name);
    at = match[0].second;
  }
  if (const std::string rest(at, text.cend()); !base::trim(rest).empty())
    return base::bad_input("\"{}\" is no NAME=VALUE (quote values with blanks)", base::trim(rest));
  for (const char* needed : {"series", "command"})
    if (!out.contains(needed))
      return base::bad_input("no {} (write {}=\"...\"; `kairo evidence --help` has an example)",
                             needed, needed);
  if (out["series"].empty()) return base::bad_input("series is empty (`kairo --version` has it)");
  return out;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) {
    page_.name = name;
    for (const std::string_view line : base::split_lines(text)) page_.lines.emplace_back(line);
  }

  base::Result<Page> parse() {
    for (std::size_t line = 1; line <= page_.lines.size();) {
      const std::string_view text = base::trim(page_.line(line));
      if (text.starts_with("```")) code_ = !code_;
      if (code_ || text.starts_with("```")) {
        kinds(line, line + 1, LineKind::kCode);
      } else if (text.starts_with("<!--")) {
        if (const auto done = comment(line); !done) return at(line, done.error());
      } else {
        if (const auto done = keys_in(line); !done) return at(line, done.error());
        kinds(line, line + 1, kind_);
      }
    }
    if (code_) return base::bad_input("{}: a ``` is not closed", page_.name);
    if (kind_ != LineKind::kText)
      return base::bad_input("{}:{}: what begins here has no end (add <!-- /{} -->)", page_.name,
                             opened_, word());
    return std::move(page_);
  }

 private:
  [[nodiscard]] const char* word() const {
    return kind_ == LineKind::kMeasured ? "measured" : "settings";
  }

  [[nodiscard]] tl::unexpected<base::Error> at(std::size_t line, const base::Error& error) const {
    return base::fail(error, fmt::format("{}:{}", page_.name, line));
  }

  // Lines from `line` on are of that kind; goes on at `end`.
  void kinds(std::size_t& line, std::size_t end, LineKind kind) {
    page_.kinds.insert(page_.kinds.end(), end - line, kind);
    line = end;
  }

  // A comment that begins with the line, to its end some lines below.
  base::Status comment(std::size_t& line) {
    std::string text;
    std::size_t end = line;
    for (bool open = true; open; ++end) {
      if (end > page_.lines.size()) return base::bad_input("a <!-- is not closed");
      text += page_.lines[end - 1] + " ";
      open = text.find("-->") == std::string::npos;
    }
    const std::size_t close = text.find("-->");
    const std::string inside(base::trim(std::string_view(text).substr(4, close - 4)));
    const std::size_t first = line;
    if (inside.starts_with("measured:") || inside == "settings") {
      if (kind_ != LineKind::kText)
        return base::bad_input("in the block of line {} (end that with <!-- /{} --> first)",
                               opened_, word());
      opened_ = line;
    }
    if (inside.starts_with("measured:")) {
      KAIRO_CHECK(open_block(inside.substr(9), first, end));
      kind_ = LineKind::kMeasured;
    } else if (inside == "settings") {
      kind_ = LineKind::kSettings;
    } else if (inside == "/measured" || inside == "/settings") {
      if (kind_ == LineKind::kText || inside.substr(1) != word())
        return base::bad_input("<!-- {} --> ends nothing (take it out)", inside);
      if (kind_ == LineKind::kMeasured) KAIRO_CHECK(close_block(line));
      kind_ = LineKind::kText;
    }
    kinds(line, end, LineKind::kMark);
    return {};
  }

  base::Status open_block(const std::string& text, std::size_t first, std::size_t text_line) {
    KAIRO_TRY(members_, parse_members(text));
    Block block;
    block.first_line = first;
    block.text_line = text_line;
    block.series = members_["series"];
    block.command = members_["command"];
    page_.blocks.push_back(std::move(block));
    return {};
  }

  base::Status close_block(std::size_t line) {
    Block& block = page_.blocks.back();
    block.last_line = line;
    if (!members_.contains("columns")) return {};
    KAIRO_TRY(auto figures, figures_of_table(page_, block, members_["columns"], members_["rows"]));
    block.figures.insert(block.figures.end(), figures.begin(), figures.end());
    return {};
  }

  // 0.047<!-- mix/kairo/decode.p99_us/mq-deadline -->
  base::Status keys_in(std::size_t number) {
    static const std::regex key(R"(([\d][\d,]*(?:\.\d+)?|n/a)(?:\*\*)?<!-- (\S+/\S+) -->)");
    const std::string& line = page_.lines[number - 1];
    for (std::sregex_iterator it(line.begin(), line.end(), key), end; it != end; ++it) {
      if (kind_ != LineKind::kMeasured)
        return base::bad_input("{} is in no measured block (put <!-- measured: ... --> around it)",
                               it->str(2));
      KAIRO_CHECK(parse_key(it->str(2)));
      page_.blocks.back().figures.push_back(
          {number, static_cast<std::size_t>(it->position(1)), it->str(1), it->str(2)});
    }
    return {};
  }

  Page page_;
  LineKind kind_ = LineKind::kText;
  bool code_ = false;
  std::size_t opened_ = 0;
  Members members_;  // of the block that is open
};

}  // namespace

base::Result<Page> parse_page(std::string_view text, const std::string& name) {
  return Parser(text, name).parse();
}

std::string to_text(const Page& page) {
  std::string out;
  for (const std::string& line : page.lines) out += line + "\n";
  return out;
}

}  // namespace kairo::evidence
