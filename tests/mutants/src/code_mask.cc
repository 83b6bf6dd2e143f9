// SPDX-License-Identifier: GPL-2.0-only
#include "code_mask.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace kairo::mutants {
namespace {

class Masker {
 public:
  explicit Masker(std::string_view source) : source_(source), out_(source) {}

  std::string mask() {
    bool line_begins = true;
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '#' && line_begins) {
        blank(directive_end());
      } else if (source_.substr(at_, 2) == "//") {
        blank(std::min(source_.find('\n', at_), source_.size()));
      } else if (source_.substr(at_, 2) == "/*") {
        blank(end_of("*/", at_ + 2));
      } else if (c == '"' && at_ > 0 && source_[at_ - 1] == 'R') {
        blank(raw_string_end());
      } else if (c == '"' || (c == '\'' && !is_digit_separator())) {
        blank(quoted_end(c));
      } else {
        if (c == '\n') line_begins = true;
        if (std::isspace(static_cast<unsigned char>(c)) == 0) line_begins = false;
        ++at_;
      }
    }
    mask_assertions();
    return out_;
  }

 private:
  void blank(std::size_t end) {
    for (; at_ < std::min(end, source_.size()); ++at_)
      if (source_[at_] != '\n') out_[at_] = ' ';
  }

  [[nodiscard]] std::size_t end_of(std::string_view closing, std::size_t from) const {
    const auto found = source_.find(closing, from);
    return found == std::string_view::npos ? source_.size() : found + closing.size();
  }

  [[nodiscard]] std::size_t directive_end() const {
    std::size_t end = source_.find('\n', at_);
    while (end != std::string_view::npos && source_[end - 1] == '\\')
      end = source_.find('\n', end + 1);
    return std::min(end, source_.size());
  }

  [[nodiscard]] std::size_t raw_string_end() const {
    const auto open = source_.find('(', at_);
    if (open == std::string_view::npos) return source_.size();
    const std::string closing = ")" + std::string(source_.substr(at_ + 1, open - at_ - 1)) + "\"";
    return end_of(closing, open);
  }

  [[nodiscard]] std::size_t quoted_end(char quote) const {
    std::size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote)
      end += source_[end] == '\\' ? std::size_t{2} : std::size_t{1};
    return end + 1;
  }

  // As in 1'000'000.
  [[nodiscard]] bool is_digit_separator() const {
    std::size_t word = at_;
    while (word > 0 && (is_word(source_[word - 1]) || source_[word - 1] == '\'')) --word;
    return word < at_ && std::isdigit(static_cast<unsigned char>(source_[word])) != 0;
  }

  // They are what is to notice a mutant, not what is to be one.
  void mask_assertions() {
    static constexpr std::array<std::string_view, 6> kNames = {
        "assert",  "static_assert", "BUILD_BUG_ON",
        "WARN_ON", "WARN_ON_ONCE",  "lockdep_assert_held"};
    for (const std::string_view name : kNames) {
      for (auto found = out_.find(name); found != std::string::npos;
           found = out_.find(name, found + 1)) {
        const auto open = found + name.size();
        if ((found > 0 && is_word(out_[found - 1])) || open >= out_.size() || out_[open] != '(')
          continue;
        at_ = found;
        const auto close = closing_parenthesis(out_, open);
        blank(close == std::string::npos ? out_.size() : close + 1);
      }
    }
  }

  std::string_view source_;
  std::string out_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::size_t closing_parenthesis(std::string_view masked, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < masked.size(); ++i) {
    depth += masked[i] == '(' ? 1 : masked[i] == ')' ? -1 : 0;
    if (depth == 0) return i;
  }
  return std::string_view::npos;
}

std::string code_mask(std::string_view source) {
  return Masker(source).mask();
}

}  // namespace kairo::mutants
