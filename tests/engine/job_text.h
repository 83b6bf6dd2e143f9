// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <ostream>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kairo/base/files.h"

namespace kairo::engine {

// The job files that run as they are, and the classes that each sends. trace.fio needs a workload.
struct JobFile {
  const char* name;
  std::set<std::string> classes;
};
inline void PrintTo(const JobFile& job, std::ostream* out) {
  *out << job.name;
}
inline const std::vector<JobFile>& job_files() {
  static const std::vector<JobFile> kFiles = {
      {"kairo.fio", {"decode", "prefetch", "prefill", "evict"}},
      {"decode.fio", {"decode"}},
      {"prefetch.fio", {"prefetch"}},
      {"prefill.fio", {"decode", "prefill"}},
      {"evict.fio", {"decode", "evict"}},
      {"multi-model.fio", {"decode", "prefill"}},
      {"multi-session.fio", {"decode", "prefetch", "prefill"}},
      {"sequential.fio", {"decode"}},
      {"buffered.fio", {"decode", "prefill"}},
      {"verify.fio", {"decode", "prefetch", "prefill", "evict"}},
  };
  return kFiles;
}

// A job file with changes, each a pattern and what takes its place; empty when it cannot be read.
inline std::string job_with(const std::filesystem::path& job,
                            const std::vector<std::pair<std::string, std::string>>& changes) {
  std::string text = base::read_file(job).value_or("");
  for (const auto& [what, with] : changes) text = std::regex_replace(text, std::regex(what), with);
  return text;
}

}  // namespace kairo::engine
