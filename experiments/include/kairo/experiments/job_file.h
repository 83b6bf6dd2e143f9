// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
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

// The options of a job file, with their sections. An option without a value has an empty one.
std::vector<JobOverride> job_options(std::string_view job_file);

// Refuses an option that changes what fio writes so that no report can be made of it, with what it
// does and the remedy. `where` says whose option it is: `--set`, `mix.fio`.
base::Status check_job_options(std::string_view where, const std::vector<JobOverride>& options);

// Applies overrides to the text of a fio job file and returns the new text. A key that stands in
// the section is replaced there, otherwise it is added to it. Without a section the key is replaced
// in every section that has it, or added to [global]. An unknown section is refused and the known
// ones are named. Comments and order stay.
base::Result<std::string> apply_overrides(std::string_view job_file,
                                          const std::vector<JobOverride>& overrides);

// Puts the values of variables in: `${NAME}`. Other variables stay.
std::string set_variables(std::string_view job_file,
                          const std::map<std::string, std::string>& values);

// Removes every line that sets `key`.
std::string remove_option(std::string_view job_file, std::string_view key);

// By job and direction (`read`, `write`, `trim`) the class its I/O has by kv_class, for runs
// without a sidecar. A job that draws its classes, or sends none (kv_path=none), is not in it.
std::map<std::string, std::map<std::string, std::string>> job_classes(std::string_view job_file);

// Removes the jobs that replay only a class of `classes` (kv_class, their own or [global]'s).
std::string remove_jobs_of(std::string_view job_file, const std::vector<std::string>& classes);

// Has a shell command run before the first job, that is, the first section but [global] that does
// not start late (startdelay), and before the command that this job has already (exec_prerun).
std::string run_before_first_job(std::string_view job_file, std::string_view command);

// Adds option lines to [global], which is made when there is none.
std::string add_to_global(std::string_view job_file, const std::vector<std::string>& options);

}  // namespace kairo::experiments
