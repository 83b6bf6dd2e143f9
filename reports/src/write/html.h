// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kairo/reports/report.h"

namespace kairo::reports {

// One self-contained page: the text of report.md with the plots inside, legible on light and dark
// screens and on paper, with no script and nothing fetched. Only the markdown that this project's
// writers produce is understood: headings, paragraphs, lists, tables, images on a line of their
// own, code blocks, bold, code and links.
std::string to_html(std::string_view markdown, const std::vector<Plot>& plots,
                    std::string_view title);

}  // namespace kairo::reports
