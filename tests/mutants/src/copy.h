// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kairo/base/result.h"
#include "test_program.h"

namespace kairo::mutants {

// A copy of a checkout's HEAD, in the cache, that a mutant can be put into, built and tested. There
// is one, so that a build begins where the last one ended.
class Copy {
 public:
  static base::Result<Copy> make(const std::filesystem::path& source, unsigned jobs);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::string& commit() const { return commit_; }

  // Empty when it compiled, else the compiler's first error.
  [[nodiscard]] base::Result<std::string> build(const std::vector<std::string>& programs) const;
  [[nodiscard]] base::Result<TestRun> test(const std::string& program,
                                           const std::string& filter) const;
  // All files are the commit's again.
  [[nodiscard]] base::Status restore() const;

 private:
  Copy(std::filesystem::path path, unsigned jobs) : path_(std::move(path)), jobs_(jobs) {}

  std::filesystem::path path_;
  std::string commit_;
  unsigned jobs_;
};

}  // namespace kairo::mutants
