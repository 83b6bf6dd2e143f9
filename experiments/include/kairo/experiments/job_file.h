// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::experiments {

// One `--set` of the command line: `key=value` or `job.key=value`.
struct JobOverride {
  std::string section;  // empty: wherever the key stands, else [global]
  std::string key;
  std::string value;
};

// Parses "runtime=3" or "decode.kv_rate=4000".
base::Result<JobOverride> parse_override(std::string_view text);

// Applies overrides to the text of a fio job file and returns the new text. A key that stands in
// the section is replaced there, otherwise it is added to it. Without a section the key is replaced
// in every section that has it, or added to [global]. An unknown section is refused and the known
// ones are named. Comments and order stay.
base::Result<std::string> apply_overrides(std::string_view job_file,
                                          const std::vector<JobOverride>& overrides);

// Adds an option line to the first job, that is, the first section but [global] that does not start
// late (startdelay).
std::string add_to_first_job(std::string_view job_file, std::string_view option);

// Adds option lines to [global], which is made when there is none.
std::string add_to_global(std::string_view job_file, const std::vector<std::string>& options);

}  // namespace kairo::experiments
