// SPDX-License-Identifier: GPL-2.0-only
// The one writer of files: what it replaces, and what it never does.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "kairo/base/result.h"

namespace kairo::base {

// Writes `path`, which a person may have named.
// * A regular file, or none: a temporary neighbour and rename(2), so that a reader sees the old
//   content or the new, never a part. Mode and owner of a file that is replaced stay.
// * The file that standard output or error goes to (/dev/stdout of `program > file`): what is
//   written is added, its other lines stay.
// * A character device or pipe is written through and stays what it is.
// * Symbolic links are followed: what they lead to is written, the links stay.
// * Refused: a folder, a block device (its content would be lost), a folder that is not there, a
//   file that this user may not write, and one of `inputs` under whatever name.
Status write_file(const std::filesystem::path& path, std::string_view content,
                  const std::vector<std::filesystem::path>& inputs = {});

// What write_file() would refuse, before the work whose result it is to write.
Status check_output(const std::filesystem::path& path,
                    const std::vector<std::filesystem::path>& inputs = {});

// Whether a descriptor is of the file that this program's standard output or error goes to, which
// write_file() adds to and does not replace.
bool is_own_output(int descriptor);

// write_file() of `folder`/`name`, for folders that Kairo makes: creates what is missing of both.
Status write_below(const std::filesystem::path& folder, const std::filesystem::path& name,
                   std::string_view content);

// Creates a directory and its parents.
Status make_directory(const std::filesystem::path& path);

}  // namespace kairo::base
