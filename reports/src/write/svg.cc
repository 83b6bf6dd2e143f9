// SPDX-License-Identifier: GPL-2.0-only
#include "write/svg.h"

#include <fmt/format.h>

#include <array>

namespace kairo::reports {
namespace {

struct Style {
  std::string_view light;
  std::string_view dark;
  std::string_view dash;
};

constexpr std::array<Style, kSeriesStyles> kStyles = {{{"#57606a", "#b1bac4", "2 3"},
                                                       {"#0072b2", "#56b4e9", ""},
                                                       {"#c04f00", "#ff9b5e", "8 3"},
                                                       {"#00785a", "#37d0a4", "1 2"},
                                                       {"#a0408a", "#eba4d0", "6 2 1 2"},
                                                       {"#8a6500", "#f0d040", "4 2"},
                                                       {"#3b3bb0", "#a5a5ff", "10 2 2 2"},
                                                       {"#a02020", "#ff8080", "3 1"}}};

const char* anchor_name(Svg::Anchor anchor) {
  switch (anchor) {
    case Svg::Anchor::kStart:
      return "start";
    case Svg::Anchor::kMiddle:
      return "middle";
    case Svg::Anchor::kEnd:
      break;
  }
  return "end";
}

}  // namespace

std::string_view entity_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return {};
  }
}

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (const std::string_view entity = entity_of(c); !entity.empty())
      out += entity;
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out;
}

Svg::Svg(double width, double height, std::string_view title)
    : width_(width), height_(height), title_(title) {}

void Svg::grid_line(Point from, Point to) {
  body_ += fmt::format("<path class=\"g\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", from.x, from.y,
                       to.x, to.y);
}

void Svg::band(Point top_left, Point bottom_right) {
  body_ += fmt::format(
      "<rect class=\"p\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
      top_left.x, top_left.y, bottom_right.x - top_left.x, bottom_right.y - top_left.y);
}

void Svg::axis_line(Point from, Point to) {
  body_ += fmt::format("<path class=\"a\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", from.x, from.y,
                       to.x, to.y);
}

void Svg::text(Point at, std::string_view text, Anchor anchor, std::string_view css_class) {
  body_ +=
      fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
                  css_class, at.x, at.y, anchor_name(anchor), xml_escape(text));
}

void Svg::line(const std::vector<Point>& points, std::size_t style) {
  if (points.empty()) return;
  body_ += fmt::format("<path class=\"l s{}\" d=\"", style % kSeriesStyles);
  char command = 'M';
  for (const Point& point : points) {
    body_ += fmt::format("{}{:.1f} {:.1f}", command, point.x, point.y);
    command = 'L';
  }
  body_ += "\"/>\n";
}

void Svg::leader(Point from, Point to, std::size_t style) {
  body_ += fmt::format("<path class=\"d s{}\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n",
                       style % kSeriesStyles, from.x, from.y, to.x, to.y);
}

void Svg::marker(Point at, std::size_t style, double size, bool faint) {
  const std::string css = fmt::format("m{} f{}", faint ? " w" : "", style % kSeriesStyles);
  switch (style % 4) {
    case 0:
      body_ += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>\n", css,
                           at.x, at.y, size);
      break;
    case 1:
      body_ += fmt::format(
          "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
          css, at.x - size, at.y - size, 2 * size, 2 * size);
      break;
    case 2:
      body_ += fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}h{:.1f}z\"/>\n", css,
                           at.x, at.y - 1.2 * size, 1.2 * size, 2.2 * size, -2.4 * size);
      break;
    default:
      body_ += fmt::format(
          "<path class=\"{}\" d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} {:.1f}z\"/>\n",
          css, at.x, at.y - 1.4 * size, 1.4 * size, 1.4 * size, -1.4 * size, 1.4 * size,
          -1.4 * size, -1.4 * size);
  }
}

void Svg::label(Point at, std::string_view text, std::size_t style, Anchor anchor) {
  this->text(at, text, anchor, fmt::format("b f{}", style % kSeriesStyles));
}

std::string Svg::finish() const {
  std::string light;
  std::string dark;
  for (std::size_t i = 0; i < kStyles.size(); ++i) {
    light +=
        fmt::format(".s{0}{{stroke:{1}{2}}}.f{0}{{fill:{1}}}\n", i, kStyles[i].light,
                    kStyles[i].dash.empty() ? std::string()
                                            : fmt::format(";stroke-dasharray:{}", kStyles[i].dash));
    dark += fmt::format(".s{0}{{stroke:{1}}}.f{0}{{fill:{1}}}\n", i, kStyles[i].dark);
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\">\n"
      "<title>{2}</title>\n"
      "<style>\n"
      "text{{font:12px system-ui,\"DejaVu Sans\",sans-serif}}\n"
      ".h{{font-size:14px;font-weight:600}}.b{{font-weight:600}}.q{{font-size:11px}}\n"
      ".bg{{fill:#ffffff}}.t,.h,.q{{fill:#1f2328}}\n"
      ".g,.a,.l,.d{{fill:none}}.g{{stroke:#e2e6ea}}.a{{stroke:#57606a}}.l{{stroke-width:2}}"
      ".d{{stroke-width:.7;stroke-dasharray:none!important}}.w{{fill-opacity:.35}}"
      ".p{{fill:#8b949e;fill-opacity:.12}}\n"
      "{3}"
      "@media (prefers-color-scheme:dark){{\n"
      ".bg{{fill:#0d1117}}.t,.h,.q{{fill:#e6edf3}}.g{{stroke:#2b313a}}.a{{stroke:#8b949e}}\n"
      "{4}}}\n"
      "</style>\n"
      "<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n"
      "{5}</svg>\n",
      width_, height_, xml_escape(title_), light, dark, body_);
}

}  // namespace kairo::reports
