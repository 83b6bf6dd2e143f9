// SPDX-License-Identifier: GPL-2.0-only
// Keyed figures of a page against results.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kairo/evidence/page.h"
#include "kairo/evidence/results.h"

namespace kairo::evidence {

// `value` as `text` is written: as many decimals, "1,234" from a thousand on; n/a for none.
std::string written_like(std::string_view text, const Value& value);

// A figure of a block and what the results say, written in the same way.
struct Compared {
  Figure figure;
  std::string measured;
  std::string series;  // of the result

  // Whether a reader sees the same: commas do not count.
  [[nodiscard]] bool same() const;
};

// Every keyed figure of the block. Refuses, with the line, a key that the results do not have.
base::Result<std::vector<Compared>> compare(const Page& page, const Block& block,
                                            const std::vector<ResultReport>& reports);

// The page with the figures and the series of the results in the block. Refuses results of several
// series or of none, and another series while there are figures without a key: they would get a
// series that they are not of.
base::Result<Page> rewrite(const Page& page, const Block& block,
                           const std::vector<ResultReport>& reports);

}  // namespace kairo::evidence
