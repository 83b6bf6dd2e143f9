// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"
#include "kairo/kernel/paths.h"

namespace kairo::kernel {

// One line of the table that `kairo kernel check` prints.
struct CheckRow {
  std::string what;  // "0003-fs-... checkpatch"
  bool good = false;
  std::string detail;  // figures, or the reason of the failure
};

struct CheckRequest {
  bool fast = false;  // leave out what compiles: the patch by patch builds and the structure sizes
  unsigned from = 1;  // number of the first patch that is compiled; the ones before were, earlier
  unsigned jobs = 0;  // 0: one per processor
  std::function<void(const CheckRow&)> on_row = {};
};

// Everything that is asked of the series, in this order: it applies patch by patch on the pristine
// base; checkpatch --strict is content, exceptions aside; uapi/include/linux/kairo.h is what the
// series installs; after each patch the touched directories compile without warnings in touched
// files, with the series' options off, as modules and built in; bio, request, kiocb and io_kiocb
// have the base's sizes. A row that is not good does not end the check; an Error means that it
// could not be made at all.
base::Result<std::vector<CheckRow>> check_series(const CachePaths& paths,
                                                 const CheckRequest& request);

// A checkpatch complaint that is accepted: its type, a part of the patch's name ("*": any), why.
struct CheckpatchException {
  std::string type;
  std::string patch;
  std::string reason;
};

// One `TYPE patch-part reason...` a line, '#' comments. Refuses a line without a reason.
base::Result<std::vector<CheckpatchException>> parse_exceptions(std::string_view text,
                                                                std::string_view name);

// The lines of `checkpatch.pl --terse --show-types` that no exception covers.
std::vector<std::string> unexcused(std::string_view terse_output, std::string_view patch_name,
                                   const std::vector<CheckpatchException>& exceptions);

// Structure name to size in bytes, from pahole's text.
std::map<std::string, unsigned> parse_pahole_sizes(std::string_view text);

// The make targets of the directories a patch touches, as "block/"; a directory inside another one
// of the list is left to that one. Headers, documentation and tools have none.
std::vector<std::string> build_targets(std::string_view patch);

}  // namespace kairo::kernel
