// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "kairo/reports/cost_profile.h"
#include "write/svg.h"

namespace kairo::reports {
namespace {

constexpr double kFlameWidth = 1100;
constexpr double kMargin = 10;
constexpr double kRow = 17;
constexpr double kHead = 52;
constexpr double kNarrowest = 0.4;     // pixels; a narrower box cannot be seen
constexpr double kLetter = 6.6;        // of the monospace face
constexpr std::size_t kDeepest = 128;  // perf itself stops at 127 frames

struct Frame {
  std::uint64_t samples = 0;
  std::map<std::string, Frame> inner;
};

void add(Frame& frame, std::string_view stack, std::uint64_t count, std::size_t depth) {
  frame.samples += count;
  if (stack.empty() || depth >= kDeepest) return;
  const auto end = stack.find(';');
  add(frame.inner[std::string(stack.substr(0, end))],
      end == std::string_view::npos ? std::string_view() : stack.substr(end + 1), count, depth + 1);
}

std::size_t depth_of(const Frame& frame, double scale) {
  std::size_t deepest = 0;
  for (const auto& [name, inner] : frame.inner)
    if (static_cast<double>(inner.samples) * scale >= kNarrowest)
      deepest = std::max(deepest, 1 + depth_of(inner, scale));
  return deepest;
}

// Blue for the kernel, orange for user space; the depth sets apart what lies on top of each other.
std::string_view css_class(std::string_view name, std::size_t depth) {
  if (name.ends_with("_[k]")) return depth % 2 == 0 ? "fk" : "fl";
  return depth % 2 == 0 ? "fu" : "fv";
}

class Drawing {
 public:
  Drawing(std::uint64_t total, double bottom) : total_(total), bottom_(bottom) {}

  void draw(const Frame& frame, double left, std::size_t depth) {
    const double scale = (kFlameWidth - 2 * kMargin) / static_cast<double>(total_);
    for (const auto& [name, inner] : frame.inner) {
      const double width = static_cast<double>(inner.samples) * scale;
      if (width >= kNarrowest) {
        box(name, inner.samples, left, width, depth);
        draw(inner, left, depth + 1);
      }
      left += width;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void box(const std::string& name, std::uint64_t samples, double left, double width,
           std::size_t depth) {
    const double top = bottom_ - kRow * static_cast<double>(depth + 1);
    const std::string_view shown =
        name.ends_with("_[k]") ? std::string_view(name).substr(0, name.size() - 4) : name;
    out_ += fmt::format(
        "<g><title>{}: {} samples, {:.1f} %</title><rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" "
        "width=\"{:.1f}\" height=\"{:.0f}\"/>",
        xml_escape(shown), samples,
        100 * static_cast<double>(samples) / static_cast<double>(total_), css_class(name, depth),
        left, top, width, kRow - 1);
    const auto letters = static_cast<std::size_t>(std::max(0.0, (width - 6) / kLetter));
    if (letters >= 3)
      out_ += fmt::format(
          "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", left + 3, top + 12,
          xml_escape(shown.size() <= letters ? std::string(shown)
                                             : std::string(shown.substr(0, letters - 1)) + "…"));
    out_ += "</g>\n";
  }

  std::uint64_t total_;
  double bottom_;
  std::string out_;
};

}  // namespace

std::string flame_svg(const Counts& stacks, const std::string& title) {
  Frame root;
  for (const auto& [stack, count] : stacks) add(root, stack, count, 0);
  if (root.samples == 0) return {};
  const double scale = (kFlameWidth - 2 * kMargin) / static_cast<double>(root.samples);
  const double height = kHead + kRow * static_cast<double>(depth_of(root, scale)) + kMargin;
  Drawing drawing(root.samples, height - kMargin);
  drawing.draw(root, kMargin, 0);
  // In one HTML file the rules of all plots meet: these hold inside of this one only.
  return fmt::format(
      "<svg class=\"flame\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\">\n<title>{2}</title>\n<style>\n"
      ".flame text{{font:11px ui-monospace,\"DejaVu Sans Mono\",monospace;fill:#1f2328}}\n"
      ".flame .fh{{font:bold 15px system-ui,\"DejaVu Sans\",sans-serif}}\n"
      ".flame .fg{{fill:#fff}}.flame .fk{{fill:#a9cdec}}.flame .fl{{fill:#c4ddf3}}\n"
      ".flame .fu{{fill:#f2c58f}}.flame .fv{{fill:#f7dab5}}\n"
      "@media (prefers-color-scheme:dark){{.flame text{{fill:#e6edf3}}.flame .fg{{fill:#0d1117}}\n"
      ".flame .fk{{fill:#1f4e79}}.flame .fl{{fill:#285f91}}.flame .fu{{fill:#7a4a12}}\n"
      ".flame .fv{{fill:#8f5a1c}}}}\n"
      "</style>\n<rect class=\"fg\" width=\"{0:.0f}\" height=\"{1:.0f}\"/>\n"
      "<text class=\"fh\" x=\"{3:.0f}\" y=\"22\">{2}</text>\n"
      "<text x=\"{3:.0f}\" y=\"40\">{4} samples; blue: kernel, orange: user space; a box is a "
      "function and what it calls</text>\n{5}</svg>\n",
      kFlameWidth, height, xml_escape(title), kMargin, root.samples, drawing.take());
}

}  // namespace kairo::reports
