// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kairo::reports {

struct Point {
  double x;
  double y;
};

// Text for XML: escapes markup and drops control characters.
std::string xml_escape(std::string_view text);

// "&lt;" for '<', and so on; empty for a character that means nothing in markup.
std::string_view entity_of(char c);

// One of eight colours with its own marker and dash, so that arms differ without colour too. The
// colours are chosen for both colour schemes and for colour-blind readers (after Okabe and Ito).
inline constexpr std::size_t kSeriesStyles = 8;

// An SVG that is legible on a light and on a dark page: it paints its own background and follows
// the reader's colour scheme. Coordinates are pixels; numbers are printed with one decimal, so the
// text is the same on every machine.
class Svg {
 public:
  enum class Anchor { kStart, kMiddle, kEnd };

  Svg(double width, double height, std::string_view title);

  void grid_line(Point from, Point to);
  void band(Point top_left, Point bottom_right);  // behind what follows
  void axis_line(Point from, Point to);
  void text(Point at, std::string_view text, Anchor anchor = Anchor::kStart,
            std::string_view css_class = "t");
  void line(const std::vector<Point>& points, std::size_t style);
  void leader(Point from, Point to, std::size_t style);
  void marker(Point at, std::size_t style, double size, bool faint = false);
  void label(Point at, std::string_view text, std::size_t style, Anchor anchor = Anchor::kStart);

  [[nodiscard]] std::string finish() const;

 private:
  double width_;
  double height_;
  std::string title_;
  std::string body_;
};

}  // namespace kairo::reports
