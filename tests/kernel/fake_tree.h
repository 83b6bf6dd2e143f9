// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "kairo/base/files.h"

namespace kairo::kernel {

// Sets an environment variable for the life of the object.
class ScopedEnv {
 public:
  ScopedEnv(const char* name, const std::string& value) : name_(name) {
    if (const char* const old = std::getenv(name)) old_ = old, had_ = true;
    ::setenv(name, value.c_str(), 1);
  }
  ScopedEnv(const ScopedEnv&) = delete;
  ScopedEnv& operator=(const ScopedEnv&) = delete;
  ~ScopedEnv() {
    if (had_)
      ::setenv(name_, old_.c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::string old_;
  bool had_ = false;
};

// A git tree of three small files with the tag `base`, in place of a kernel.
void make_fake_base(const std::filesystem::path& tree);

// Replaces a file's content and commits it.
void commit_change(const std::filesystem::path& tree, const std::string& file,
                   const std::string& content, const std::string& subject);

// Twenty lines "line 1" ... with `changed` in place of line `number` (0: none).
std::string twenty_lines(unsigned number = 0, const std::string& changed = {});

void write_executable(const std::filesystem::path& file, const std::string& script);

}  // namespace kairo::kernel
