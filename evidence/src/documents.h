// SPDX-License-Identifier: GPL-2.0-only
// The documents of a source tree, and what the subcommands do with them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/evidence/page.h"
#include "kairo/evidence/results.h"

namespace kairo::evidence {

struct Document {
  std::filesystem::path file;
  Page page;
};

struct Chosen {
  std::vector<Document> documents;
  std::string block;  // FILE:LINE, or empty for all

  // The blocks to look at, with the document of each.
  [[nodiscard]] std::vector<std::pair<std::size_t, Block>> blocks() const;
};

// `files`, or README.md, docs/ and experiments/*/README.md of the source tree; of `block` its file.
// Refuses a file that cannot be parsed, and a line in no block.
base::Result<Chosen> choose(const std::vector<std::filesystem::path>& files,
                            const std::string& block);

// Prints every problem as FILE:LINE: text. kShort when there is one.
base::Status check_pages(const Chosen& chosen);

// Prints every keyed figure that differs from the results. kShort when one does; kInput when no
// block is of these results.
base::Status compare_pages(const Chosen& chosen, const std::vector<std::filesystem::path>& results);

// Writes the blocks that the results are of.
base::Status write_pages(const Chosen& chosen, const std::vector<std::filesystem::path>& results);

}  // namespace kairo::evidence
