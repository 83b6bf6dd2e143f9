// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::kernel {

// The files `ldd` names for an ELF program, sorted, the dynamic loader among them. A static program
// or a script has none. Refuses a program with a library that cannot be found, naming it.
base::Result<std::vector<std::filesystem::path>> shared_libraries(
    const std::filesystem::path& program);

// A directory tree that becomes an initramfs. The archive depends on paths, contents and modes
// alone: names are sorted, times and owners are fixed and inodes renumbered, so the same content
// gives the same bytes, which virtual time needs.
class InitramfsTree {
 public:
  // The tree is put together in `staging`, an empty directory that the caller keeps and removes.
  explicit InitramfsTree(std::filesystem::path staging) : staging_(std::move(staging)) {}

  // `guest` is absolute and stays inside the tree: ".." is refused.
  base::Status add_text(std::string_view guest, std::string_view content, bool executable);
  // Copies a file, or a directory with everything in it. Symbolic links are followed.
  base::Status add_file(const std::filesystem::path& host, std::string_view guest);
  // Copies a program to its own absolute path, and its shared libraries to theirs.
  base::Status add_program(const std::filesystem::path& program);
  base::Status add_directory(std::string_view guest);

  // Writes the tree as a newc archive, uncompressed: the emulated CPU would pay for inflating it.
  [[nodiscard]] base::Status write(const std::filesystem::path& archive) const;

 private:
  [[nodiscard]] base::Result<std::filesystem::path> place(std::string_view guest) const;

  std::filesystem::path staging_;
};

}  // namespace kairo::kernel
