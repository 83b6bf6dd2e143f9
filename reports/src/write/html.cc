// SPDX-License-Identifier: GPL-2.0-only
#include "write/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "kairo/base/text.h"
#include "write/svg.h"

namespace kairo::reports {

using base::trim;

namespace {

constexpr std::string_view kStyle = R"(:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,"DejaVu Sans",sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;
color:#1f2328;background:#fff}
h1{font-size:1.7rem}h2{margin-top:2.5rem;border-bottom:1px solid #d1d9e0}
div.wide{overflow-x:auto}figure{margin:1.5rem 0}svg{max-width:100%;height:auto}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;margin:1rem 0}
th,td{padding:.25rem .7rem;border:1px solid #d1d9e0;white-space:nowrap}th{background:#f6f8fa}
pre,code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.9em;background:#f6f8fa}
pre{padding:.8rem;overflow-x:auto}li{overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,pre,code{background:#161b22}
th,td,h2{border-color:#3d444d}a{color:#58a6ff}}
@media print{body{max-width:none;margin:0;color:#000;background:#fff}figure,table{break-inside:avoid}
h2,h3{break-after:avoid}div.wide{overflow:visible}}
)";

// Markup characters become text; the writer has turned `<` of foreign text into `&lt;` already.
std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (text.substr(i).starts_with("&lt;"))
      out += c;
    else if (const std::string_view entity = entity_of(c); !entity.empty())
      out += entity;
    else if (c == '\\' && i + 1 < text.size() && text[i + 1] == '|')
      continue;
    else
      out += c;
  }
  return out;
}

// Replaces each pair of `mark` by an element.
std::string pair_up(std::string_view text, std::string_view mark, std::string_view element) {
  std::string out;
  for (;;) {
    const auto from = text.find(mark);
    const auto to = from == std::string_view::npos ? from : text.find(mark, from + mark.size());
    if (to == std::string_view::npos) return out + std::string(text);
    out += fmt::format("{}<{}>{}</{}>", text.substr(0, from), element,
                       text.substr(from + mark.size(), to - from - mark.size()), element);
    text.remove_prefix(to + mark.size());
  }
}

// `[text](target)`; a target with a scheme is left as text: nothing leads out of the page.
std::string link_up(std::string_view text) {
  std::string out;
  for (;;) {
    const auto middle = text.find("](");
    const auto from = middle == std::string_view::npos ? middle : text.rfind('[', middle);
    const auto to = middle == std::string_view::npos ? middle : text.find(')', middle);
    if (from == std::string_view::npos || to == std::string_view::npos)
      return out + std::string(text);
    const std::string_view target = text.substr(middle + 2, to - middle - 2);
    if (target.find(':') == std::string_view::npos)
      out += fmt::format("{}<a href=\"{}\">{}</a>", text.substr(0, from), target,
                         text.substr(from + 1, middle - from - 1));
    else
      out += text.substr(0, to + 1);
    text.remove_prefix(to + 1);
  }
}

std::string inline_text(std::string_view text) {
  return link_up(pair_up(pair_up(escape(text), "**", "strong"), "`", "code"));
}

// The cells of `| a | b |`; an escaped bar is part of its cell.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> out;
  std::size_t from = 1;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '|' || line[i - 1] == '\\') continue;
    out.push_back(trim(line.substr(from, i - from)));
    from = i + 1;
  }
  return out;
}

class Page {
 public:
  explicit Page(const std::vector<Plot>& plots) : plots_(plots) {}

  std::string render(std::string_view markdown) {
    while (!markdown.empty()) {
      const auto end = std::min(markdown.find('\n'), markdown.size());
      line(markdown.substr(0, end));
      markdown.remove_prefix(std::min(end + 1, markdown.size()));
    }
    close();
    return std::move(out_);
  }

 private:
  enum class Block { kNone, kParagraph, kList, kTable, kCode };

  void line(std::string_view text) {
    const std::string_view content = trim(text);
    const std::size_t indent = text.find_first_not_of(' ');
    if (block_ != Block::kList && text.starts_with("    ")) {
      open(Block::kCode, "<pre>");
      out_ += escape(text.substr(4)) + "\n";
    } else if (content.empty()) {
      close();
    } else if (content.starts_with("#")) {
      close();
      const std::size_t level = content.find_first_not_of('#');
      out_ += fmt::format("<h{0}>{1}</h{0}>\n", level, inline_text(trim(content.substr(level))));
    } else if (content.starts_with("![")) {
      figure(content);
    } else if (content.starts_with("|")) {
      table_row(content);
    } else if (content.starts_with("- ")) {
      open(Block::kList, "");
      item(content.substr(2), indent / 2);
    } else {
      if (block_ != Block::kList) open(Block::kParagraph, "<p>");
      text_ += (text_.empty() ? "" : " ") + std::string(content);
    }
  }

  void open(Block block, std::string_view tag) {
    if (block_ == block) return;
    close();
    block_ = block;
    out_ += tag;
  }

  // Text is held back until its block ends: bold and code may span lines.
  void flush_text() {
    out_ += inline_text(text_);
    text_.clear();
  }

  void close() {
    flush_text();
    switch (block_) {
      case Block::kParagraph:
        out_ += "</p>\n";
        break;
      case Block::kList:
        for (; depth_ > 0; --depth_) out_ += "</li></ul>\n";
        break;
      case Block::kTable:
        out_ += "</table></div>\n";
        break;
      case Block::kCode:
        out_ += "</pre>\n";
        break;
      case Block::kNone:
        break;
    }
    block_ = Block::kNone;
  }

  void item(std::string_view content, std::size_t level) {
    flush_text();
    const std::size_t wanted = std::min(level + 1, depth_ + 1);
    if (wanted == depth_ + 1) {
      out_ += "<ul><li>";
      ++depth_;
    } else {
      for (; depth_ > wanted; --depth_) out_ += "</li></ul>";
      out_ += "</li>\n<li>";
    }
    text_ = std::string(content);
  }

  void table_row(std::string_view row) {
    const std::vector<std::string_view> cells = cells_of(row);
    if (block_ != Block::kTable) {
      open(Block::kTable, "<div class=\"wide\"><table>\n");
      header_.assign(cells.begin(), cells.end());
      right_.clear();
      return;
    }
    if (right_.empty()) {  // the line of dashes
      for (const std::string_view cell : cells) right_.push_back(cell.ends_with(':'));
      add_row(std::vector<std::string_view>(header_.begin(), header_.end()), "th");
      return;
    }
    add_row(cells, "td");
  }

  void add_row(const std::vector<std::string_view>& cells, std::string_view element) {
    out_ += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i)
      out_ += fmt::format("<{0}{1}>{2}</{0}>", element,
                          i < right_.size() && right_[i] ? " style=\"text-align:right\"" : "",
                          inline_text(cells[i]));
    out_ += "</tr>\n";
  }

  void figure(std::string_view content) {
    close();
    for (const Plot& plot : plots_)
      if (content.ends_with(fmt::format("]({})", plot.file)))
        out_ += fmt::format("<figure>\n{}</figure>\n", plot.svg);
  }

  const std::vector<Plot>& plots_;
  std::string out_;
  std::string text_;
  Block block_ = Block::kNone;
  std::size_t depth_ = 0;
  std::vector<std::string> header_;
  std::vector<bool> right_;
};

}  // namespace

std::string to_html(std::string_view markdown, const std::vector<Plot>& plots,
                    std::string_view title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n"
      "<style>\n{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      escape(title), kStyle, Page(plots).render(markdown));
}

}  // namespace kairo::reports
