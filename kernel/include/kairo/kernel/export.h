// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "kairo/base/result.h"

namespace kairo::kernel {

// Writes the commits between the tag `base` and HEAD of the git tree `tree` as patches into
// `directory`: numbered patches, the cover letter and the file `series`. Patch files that are no
// longer part of it are removed; other files (BASE) stay. The cover letter keeps its subject and
// text, its list of commits and diffstat are new; without one, there is nothing to keep and the
// error says how to start it. The same commits give the same bytes. Returns the number of patches.
// Refuses (kInput) uncommitted changes, merges, and a tree without the base or without commits.
base::Result<std::size_t> export_series(const std::filesystem::path& tree,
                                        const std::filesystem::path& directory);

// What people write in a cover letter.
struct CoverText {
  std::string subject;  // without "[PATCH 0/n]"
  std::string body;     // without git's list of commits, diffstat and base-commit
};

// Takes a cover letter apart. A plain text works too: "Subject: ..." line, blank line, body.
base::Result<CoverText> parse_cover(std::string_view letter);

// `generated` is what git format-patch made; its subject and body become those of `text`, its date
// becomes `date` (the last commit's), so that nothing depends on when it was written.
std::string fill_cover(std::string_view generated, const CoverText& text, std::string_view date);

}  // namespace kairo::kernel
